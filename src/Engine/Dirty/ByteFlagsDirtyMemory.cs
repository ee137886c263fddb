using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>The predecessor of thread 0: one byte of flags per page, 0xff meaning dirty for everybody; with or without a summary (thread
/// 1).</summary>
/// <remarks>
/// QEMU's phys_ram_dirty until 2010, with its read-modify-write of a byte (DM01) replaced by interlocked operations on eight flags.
/// A client costs a bit of each byte whether used or not, so dropping one saves nothing: its bits are set and clears leave them alone.
/// Flags for MaxPages are reserved at once, as in <see cref="ClientBitmapsDirtyMemory{TBits}"/>.
/// </remarks>
public sealed unsafe class ByteFlagsDirtyMemory<TSummary> : IDirtyMemoryDesign
    where TSummary : struct, IFlagSummary
{
    private readonly object _lock = new();  // one growth, enable or drop at a time
    private readonly BitmapRoots _roots = new();
    private readonly DirtyMemoryOptions _options;
    private readonly TSummary _summary;
    private ulong* _flags;

    public ByteFlagsDirtyMemory(DirtyMemoryOptions options)
    {
        options.Validate();
        _options = options;
        long groups = (options.MaxPages + 63) / 64;
        _flags = (ulong*)NativeMemory.AllocZeroed((nuint)groups, 64);
        TSummary summary = default;
        summary.Allocate(groups);
        _summary = summary;
        _roots.EnabledClients = options.Clients;
        Extend(options.Pages);
    }

    public long PageCount => _roots.PageCount;

    public DirtyClients EnabledClients => _roots.EnabledClients;

    public long BitmapBytes => (_options.MaxPages + 63) / 64 * 64 + _summary.Bytes;

    /// <summary>The summary, for tests of its invariant at rest.</summary>
    public TSummary Summary => _summary;

    public ByteFlagsView<TSummary> View() => new(_roots, _flags, _summary, _options);

    public IDirtyMemory Attach() => View();

    public void Extend(long pages)
    {
        lock (_lock)
        {
            if (pages > _options.MaxPages)
                throw new DirtyMemoryException(
                    $"{pages} pages, but {_options.MaxPages} were reserved: give a larger MaxPages, or use a design that grows.");
            if (pages <= _roots.PageCount)
                return;
            Fill(new PageRange(_roots.PageCount, pages - _roots.PageCount), (byte)(FlagWords.Unowned | (byte)(DirtyClients.All & ~EnabledClients)));
            _roots.PageCount = pages;
        }
    }

    public void Enable(DirtyClient client)
    {
        lock (_lock)
        {
            if (EnabledClients.Includes(client))
                return;
            // Setters set the bit all along, so there is no set to wait for; the fill undoes clears that had begun before the client was dropped.
            _roots.EnabledClients |= client.ToSet();
            Fill(new PageRange(0, PageCount), (byte)client.ToSet());
        }
    }

    public void Drop(DirtyClient client)
    {
        lock (_lock)
        {
            _roots.EnabledClients &= ~client.ToSet();
            Fill(new PageRange(0, PageCount), (byte)client.ToSet());
        }
    }

    public void ReclaimDropped()
    {
    }

    public void Dispose()
    {
        NativeMemory.Free(_flags);
        _flags = null;
        _summary.Dispose();
    }

    private void Fill(PageRange range, byte flags)
    {
        for (long word = range.Start >> 3; word << 3 < range.End; word++)
            _summary.Or(_flags, word, FlagWords.Unroll(flags) & FlagWords.Inside(range, word));
    }
}
