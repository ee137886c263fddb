using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Kvm;

namespace Verify.Engine.Memory;

/// <summary>A machine's dirty memory at work: what the slow store path, the translator and devices do with it, and how its clients reach the TLBs.</summary>
/// <remarks>
/// After QEMU system/physmem.c and accel/tcg/cputlb.c. Page numbers are those of <see cref="GuestRam"/> (QEMU's ram_addr_t over the page size).
/// A store is done first and recorded afterwards, as a device's is, and <see cref="ResetDirty"/> ends with a process-wide barrier: after a clear has
/// returned, every store either is visible to the caller or will be recorded. So no reader waits for a vCPU to leave its block, as QEMU's must (DM07);
/// the last pass of a migration needs the vCPUs to be paused, for a store may be visible before it is recorded.
/// The client Code: set means "known not to be code" (races.md 2.1). It is cleared under the page's lock before the translator reads, and set under
/// that lock when a store finds no block left.
/// </remarks>
public sealed class DirtyTracking : ITlbRearm, IDisposable
{
    private readonly GuestRam _ram;
    private readonly object _gate = new();  // inside page locks, outside the TLBs' locks
    private readonly IDirtyMemory _shared;  // under _gate; for threads that have no view

    /// <param name="ram">Whose pages; all are dirty at first.</param>
    /// <param name="entry">The design.</param>
    /// <param name="maxPages">Most pages RAM may grow to.</param>
    /// <param name="blockPages">See <see cref="DirtyMemoryOptions.BlockPages"/>.</param>
    /// <param name="denseWords">See <see cref="DirtyMemoryOptions.DenseWords"/>.</param>
    internal DirtyTracking(GuestRam ram, DirtyMemoryEntry entry, long maxPages, long blockPages, int denseWords)
    {
        _ram = ram;
        Entry = entry;
        Design = entry.Create(new DirtyMemoryOptions
        {
            Pages = ram.PageCount,
            MaxPages = maxPages,
            BlockPages = blockPages,
            DenseWords = denseWords,
            Clients = DirtyClients.Code,
            Tlb = this,
        });
        _shared = Design.AttachShared();
        MarkNew(new PageRange(0, ram.PageCount));
    }

    public DirtyMemoryEntry Entry { get; }

    /// <summary>Clients enable themselves here; only Code is enabled from the start.</summary>
    public IDirtyMemoryDesign Design { get; }

    /// <summary>A kernel's log that vCPU stores go to instead of the clients; null if there is none. Set before vCPUs run.</summary>
    public KvmStoreLog? Kernel { get; internal set; }

    /// <summary>The flags that the clients want on a page: code, or clean for somebody.</summary>
    internal byte FlagsOf(IDirtyMemory view, long page)
    {
        DirtyClients dirty = view.GetDirtyFlags(page);
        bool isClean = Kernel is { } kernel ? kernel.Wants(page) : !dirty.HasFlag(DirtyClients.NoCode);
        return (byte)((dirty.Includes(DirtyClient.Code) ? 0 : GuestRam.HasCode) | (isClean ? GuestRam.IsClean : 0));
    }

    /// <summary>tlb_protect_code: on return every store into the page is visible or will look for blocks. Under the page's lock.</summary>
    /// <returns>False if the page was protected already.</returns>
    internal bool ProtectCode(int page)
    {
        lock (_gate)
        {
            return _shared.TestAndClearDirty(new PageRange(page, 1), DirtyClient.Code);
        }
    }

    /// <summary>tlb_unprotect_code: no block is left on the page. Under the page's lock.</summary>
    internal void UnprotectCode(int page)
    {
        lock (_gate)
        {
            _shared.SetDirty(page, DirtyClient.Code);
        }
    }

    /// <summary>Something that is no vCPU has written to these pages; after the write.</summary>
    internal void DeviceWrote(PageRange pages)
    {
        lock (_gate)
        {
            _shared.SetDirtyRange(pages, DirtyClients.NoCode);
        }
    }

    /// <summary>Tracks more pages. Before they can be reached.</summary>
    internal void Extend(long pages) => Design.Extend(pages);

    /// <summary>New pages: dirty for every client, and known not to be code.</summary>
    internal void MarkNew(PageRange pages)
    {
        lock (_gate)
        {
            _shared.SetDirtyRange(pages, DirtyClients.All);
        }
    }

    /// <summary>tlb_reset_dirty_range_all, and what makes the caller see every store that it will not hear of.</summary>
    public void ResetDirty(long startPage, long pageCount) => _ram.Rearm(startPage, pageCount);

    /// <summary>Runs with a view of the calling thread's own.</summary>
    public void Use(Action<IDirtyMemory> body)
    {
        IDirtyMemory view = Design.Attach();
        try
        {
            body(view);
        }
        finally
        {
            view.Detach();
        }
    }

    public void Dispose()
    {
        _shared.Detach();
        Design.Dispose();
    }
}
