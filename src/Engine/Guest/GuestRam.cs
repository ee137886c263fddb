using System.Runtime.InteropServices;
using Verify.Engine.Dirty;
using Verify.Engine.Memory;

namespace Verify.Engine.Guest;

/// <summary>Guest RAM in native memory, and one byte of flags for each of its pages.</summary>
/// <remarks>
/// Untouched pages cost the host nothing: the allocation is zeroed lazily by the operating system. RAM that comes later is in blocks of its own,
/// <see cref="Others"/>. Pages are numbered through all of it, QEMU's ram_addr_t: those that were there from the start have the lowest numbers.
/// </remarks>
public sealed unsafe class GuestRam : IDisposable
{
    public const int PageBits = 12;
    public const int PageSize = 1 << PageBits;

    /// <summary>Page flag: translated code was made from this page; a store into it must look for blocks to invalidate.</summary>
    public const byte HasCode = 1;

    /// <summary>Page flag: the page holds the HTIF registers. Set before any vCPU runs, never cleared.</summary>
    public const byte HasDevice = 2;

    /// <summary>Page flag: dirty memory holds the page clean for some client, which wants to hear of the next store.</summary>
    public const byte IsClean = 4;

    /// <summary>Page flag: somebody scans the D-bits of page table entries in this page, and wants to hear when the guest changes one.</summary>
    public const byte HasPageTable = 8;

    private readonly object _watchLock = new();      // flags change under it
    private readonly List<SoftTlb> _tlbs = [];       // under _watchLock

    /// <param name="start">Guest physical address of the first byte; page aligned.</param>
    /// <param name="size">Bytes; a positive multiple of <see cref="PageSize"/>.</param>
    /// <param name="maxSize">Bytes there may be with blocks that come later; the same multiple. At most <paramref name="size"/> means none.</param>
    /// <param name="dirtyMemory">Design from the catalogue, or null for none.</param>
    /// <param name="dirtyBlockPages">See <see cref="DirtyMemoryOptions.BlockPages"/>.</param>
    /// <param name="dirtyDenseWords">See <see cref="DirtyMemoryOptions.DenseWords"/>.</param>
    public GuestRam(
        ulong start, long size, long maxSize = 0, DirtyMemoryEntry? dirtyMemory = null, long dirtyBlockPages = DirtyMemoryOptions.DefaultBlockPages,
        int dirtyDenseWords = DirtyMemoryOptions.DefaultDenseWords)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(size % PageSize, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(maxSize % PageSize, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(start % PageSize, 0UL);
        Start = start;
        Size = (ulong)size;
        PageCount = size >> PageBits;
        MaxPages = Math.Max(size, maxSize) >> PageBits;
        Bytes = (byte*)NativeMemory.AllocZeroed((nuint)size + 8);
        Flags = (byte*)NativeMemory.AllocZeroed((nuint)(size >> PageBits));
        Others = maxSize > size ? new RamList(PageCount, MaxPages) : null;
        Dirty = dirtyMemory == null ? null : new DirtyTracking(this, dirtyMemory, MaxPages, dirtyBlockPages, dirtyDenseWords);
    }

    // Other blocks of a machine that nobody disposed of stay: they are small where that happens, in executions that were aborted.
    ~GuestRam() => FreeFirst();

    public ulong Start { get; }

    public ulong Size { get; }

    /// <summary>Pages that were there from the start.</summary>
    public long PageCount { get; }

    /// <summary>Page numbers there are, used or not.</summary>
    public long MaxPages { get; }

    /// <summary>RAM that comes while the machine runs; null if it was made without room for any.</summary>
    public RamList? Others { get; }

    /// <summary>Which pages were written, and which hold code; null for a machine without dirty memory, where <see cref="Flags"/> say the latter.</summary>
    public DirtyTracking? Dirty { get; }

    public byte* Bytes { get; private set; }

    /// <summary>One byte a page. Written under _watchLock, read without.</summary>
    public byte* Flags { get; private set; }

    /// <summary>The bytes lie in one block of RAM.</summary>
    public bool Contains(ulong address, ulong length) => IsInFirst(address, length) || (Others != null && Others.Find(address, length) != null);

    public Span<byte> Slice(ulong address, int length) =>
        TryHost(address, (ulong)length, out byte* host)
            ? new Span<byte>(host, length)
            : throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:x}, {length} bytes, is outside RAM");

    /// <summary>Host address of guest physical bytes, if they lie in one block of RAM. One search: the block cannot go in between.</summary>
    public bool TryHost(ulong address, ulong length, out byte* host)
    {
        bool isInFirst = IsInFirst(address, length);
        RamBlock? block = isInFirst ? null : Others?.Find(address, length);
        host = isInFirst ? HostOf(address) : block != null ? block.Bytes + (address - block.Start) : null;
        return host != null;
    }

    /// <summary>Guest physical address of a host address inside RAM.</summary>
    public ulong PhysicalOf(byte* host) =>
        (ulong)(host - Bytes) < Size ? (ulong)(host - Bytes) + Start : BlockAt(host) is var block ? (ulong)(host - block.Bytes) + block.Start : 0;

    /// <summary>Host address of a guest physical address inside the RAM that was there from the start.</summary>
    public byte* HostOf(ulong physical) => Bytes + (physical - Start);

    /// <summary>Number of the page of a guest physical address inside RAM, reachable or about to be freed; -1 outside.</summary>
    public long PageOf(ulong physical) =>
        physical - Start < Size || Others == null ? (long)((physical - Start) >> PageBits) :
        Others.FindListed(physical) is { } block ? block.FirstPage + (long)((physical - block.Start) >> PageBits) : -1;

    /// <summary>Number of the page of a host address inside RAM.</summary>
    internal long PageNumberOf(byte* host) =>
        (ulong)(host - Bytes) < Size ? (host - Bytes) >> PageBits :
        BlockAt(host) is var block ? block.FirstPage + ((host - block.Bytes) >> PageBits) : 0;

    /// <summary>Host address of a page of RAM, reachable or about to be freed.</summary>
    public byte* HostOfPage(long page) =>
        page < PageCount ? Bytes + (page << PageBits) :
        Others?.FindPage(page) is { } block ? block.Bytes + ((page - block.FirstPage) << PageBits) : null;

    /// <summary>Who watches the page of a host address inside RAM.</summary>
    /// <param name="view">The calling thread's view of dirty memory; null if the machine has none.</param>
    internal PageWatch WatchOf(byte* host, IDirtyMemory? view)
    {
        if ((ulong)(host - Bytes) < Size)
        {
            long page = (host - Bytes) >> PageBits;
            return view == null ? new PageWatch(Flags + page) : new PageWatch(Flags + page, Dirty!, view, page);
        }

        RamBlock block = BlockAt(host);
        long inside = (host - block.Bytes) >> PageBits;
        return view == null ? new PageWatch(block.Flags + inside) : new PageWatch(block.Flags + inside, Dirty!, view, block.FirstPage + inside);
    }

    private bool IsInFirst(ulong address, ulong length) => length <= Size && address - Start <= Size - length;

    private RamBlock BlockAt(byte* host) => Others?.FindHost(host)
        ?? throw new UseAfterFreeException("RAM was reached through a TLB entry of a block that is no more: its vCPU was not waited for.");

    /// <summary>A vCPU that will store through this TLB.</summary>
    public void Attach(SoftTlb tlb)
    {
        lock (_watchLock)
        {
            _tlbs.Add(tlb);
        }
    }

    /// <summary>Nobody stores through this TLB any more.</summary>
    public void Detach(SoftTlb tlb)
    {
        lock (_watchLock)
        {
            _tlbs.Remove(tlb);
        }
    }

    /// <summary>Announces that code of this page is about to be read for translation.</summary>
    /// <returns>False if the page was marked already.</returns>
    public bool MarkCode(int page) =>
        Dirty != null ? Dirty.ProtectCode(page) : (Volatile.Read(ref *FlagsAt(page)) & HasCode) == 0 && Watch(page, 1, HasCode);

    /// <summary>Sets a flag of pages, and takes the fast path away from stores into them. Whoever wants to see stores calls it, then looks.</summary>
    /// <remarks>
    /// A store compares a tag of the vCPU's TLB, stores, and compares the tag again, all without a fence. After the barrier every such store
    /// either is visible to the caller or is followed by a comparison that fails, and then by a look at the flags. Entries filled later carry
    /// NOTDIRTY, for <see cref="SoftTlb.Fill"/> sees the flag. This closes races.md TB13 and TB15 for the price of comparing twice; QEMU compares once
    /// and leaves the window between comparison and store open.
    /// </remarks>
    /// <returns>False if they all had it already.</returns>
    public bool Watch(long firstPage, long count, byte flag)
    {
        bool isNew = false;
        lock (_watchLock)
        {
            for (long page = firstPage; page < firstPage + count; page++)
            {
                byte* at = FlagsAt(page);
                byte flags = Volatile.Read(ref *at);
                isNew |= (flags & flag) == 0;
                Volatile.Write(ref *at, (byte)(flags | flag));
            }

            RearmLocked(firstPage, count);
        }

        Interlocked.MemoryBarrierProcessWide(); // Pairs with the store-then-compare order in Interpreter and SlowPath.Stored.
        return isNew;
    }

    /// <summary>
    /// Takes the fast path away from stores into pages that somebody has begun to watch, in dirty memory; then every store either is visible to the
    /// caller or will look who watches. See <see cref="Watch"/>.
    /// </summary>
    internal void Rearm(long firstPage, long count)
    {
        lock (_watchLock)
        {
            RearmLocked(firstPage, count);
        }

        Interlocked.MemoryBarrierProcessWide(); // Pairs with the store-then-compare order in Interpreter and SlowPath.Stored.
    }

    /// <summary>Takes a flag away from a page. TLB entries lose NOTDIRTY by and by, each when its owner next stores through it.</summary>
    public void Unwatch(long page, byte flag)
    {
        lock (_watchLock)
        {
            byte* at = FlagsAt(page);
            Volatile.Write(ref *at, (byte)(Volatile.Read(ref *at) & ~flag));
        }
    }

    /// <summary>Makes stores into the page look for device registers. Before any vCPU runs.</summary>
    public void MarkDevice(ulong page) => Watch((long)page, 1, HasDevice);

    /// <summary>Flags of the page of an address inside RAM, without what dirty memory says.</summary>
    public byte FlagsOf(ulong address) => Volatile.Read(ref *FlagsAt(PageOf(address)));

    /// <summary>The page holds no translated code any more.</summary>
    public void ClearCode(int page)
    {
        if (Dirty != null)
        {
            Dirty.UnprotectCode(page);
        }
        else
        {
            Unwatch(page, HasCode);
        }
    }

    /// <summary>Something that is no vCPU has written here: it is dirty for whoever wants to know. Blocks made from the old bytes stay.</summary>
    internal void DeviceWrote(ulong address, ulong length)
    {
        if (Dirty != null && PageOf(address) is var first and >= 0)
        {
            Dirty.DeviceWrote(new PageRange(first, (long)(((address & (PageSize - 1)) + length + PageSize - 1) >> PageBits)));
        }
    }

    private byte* FlagsAt(long page) =>
        page < PageCount ? Flags + page :
        Others?.FindPage(page) is { } block ? block.Flags + (page - block.FirstPage) : throw new ArgumentOutOfRangeException(nameof(page));

    // Under _watchLock. The pages may be in several blocks, with gaps.
    private void RearmLocked(long firstPage, long count)
    {
        long end = firstPage + count;
        if (firstPage < PageCount)
        {
            SetNotDirty(Bytes + (firstPage << PageBits), Math.Min(end, PageCount) - firstPage);
        }

        foreach (RamBlock block in end > PageCount ? Others!.Listed : [])
        {
            long first = Math.Max(firstPage, block.FirstPage), last = Math.Min(end, block.FirstPage + block.MaxPages);
            if (first < last)
            {
                SetNotDirty(block.Bytes + ((first - block.FirstPage) << PageBits), last - first);
            }
        }
    }

    private void SetNotDirty(byte* first, long pages)
    {
        foreach (SoftTlb tlb in _tlbs)
        {
            tlb.SetNotDirty(first, (ulong)pages << PageBits);
        }
    }

    public void Dispose()
    {
        Dirty?.Dispose();
        Others?.Dispose();
        FreeFirst();
        GC.SuppressFinalize(this);
    }

    private void FreeFirst()
    {
        NativeMemory.Free(Bytes);
        NativeMemory.Free(Flags);
        Bytes = null;
        Flags = null;
    }
}
