namespace Verify.Engine.Dirty;

/// <summary>One user of write protection: a range, whether it is tracked, and which of its pages were written.</summary>
public sealed class LogDirtyTable(PageRange range)
{
    private readonly ulong[] _bits = new ulong[(range.End + 63) / 64];  // under the paging lock

    public PageRange Range => range;

    /// <summary>Under the paging lock.</summary>
    internal bool IsEnabled { get; private set; }

    internal void Enable() => IsEnabled = true;

    internal void Log(long page)
    {
        if (IsEnabled && page >= range.Start && page < range.End)
            _bits[page / 64] |= 1UL << (int)page;
    }

    internal void MoveTo(Span<ulong> bitmap)
    {
        for (int w = 0; w < Math.Min(_bits.Length, bitmap.Length); w++)
        {
            bitmap[w] |= _bits[w];
            _bits[w] = 0;
        }
    }
}

/// <summary>Which table an operation works with; a struct, so that a variant costs nothing.</summary>
public interface ILogDirtyTables
{
    /// <summary>An operation on <paramref name="wanted"/> begins.</summary>
    void Begin(ref LogDirtyTable? installed, LogDirtyTable wanted);

    /// <summary>The table the next step of the operation uses.</summary>
    LogDirtyTable Use(ref LogDirtyTable? installed, LogDirtyTable wanted);
}

/// <summary>Xen since fd91a2a662bc: each user has a table of its own, and nothing is installed.</summary>
public readonly struct SeparateTables : ILogDirtyTables
{
    public void Begin(ref LogDirtyTable? installed, LogDirtyTable wanted)
    {
    }

    public LogDirtyTable Use(ref LogDirtyTable? installed, LogDirtyTable wanted) => wanted;
}

/// <summary>Written pages by write protection, for two users at once: the display's frame buffer, and migration of all pages.</summary>
/// <remarks>
/// After Xen hap_track_dirty_vram and paging_log_dirty_range. A protected page faults on its first write, is logged for whoever tracks it and made
/// writable; fetching protects the pages again. An operation takes the paging lock for each of its steps, not for all of them, so another may come
/// between (DM18).
/// Order for a reader: fetch, and only then read memory. A store is done under the paging lock, so a fetch waits for it.
/// </remarks>
public sealed class PagingLogDirty<TTables>(long pages, PageRange frameBuffer)
    where TTables : struct, ILogDirtyTables
{
    private readonly object _pagingLock = new();
    private readonly LogDirtyTable _display = new(frameBuffer);
    private readonly LogDirtyTable _all = new(new PageRange(0, pages));
    private readonly bool[] _protected = new bool[pages];  // under _pagingLock
    private LogDirtyTable? _installed;                     // under _pagingLock

    /// <summary>The guest stores to a page.</summary>
    public void GuestWrite(long page, Action store)
    {
        lock (_pagingLock)
        {
            if (_protected[page])
            {
                _display.Log(page);
                _all.Log(page);
                _protected[page] = false;
            }
            store();
        }
    }

    /// <summary>Fetches the written pages of the frame buffer, which are tracked from the first call on.</summary>
    public void TrackFrameBuffer(Span<ulong> bitmap) => Fetch(_display, bitmap);

    /// <summary>Fetches the written pages of all memory, tracked from the first call on.</summary>
    public void LogDirty(Span<ulong> bitmap) => Fetch(_all, bitmap);

    private void Fetch(LogDirtyTable wanted, Span<ulong> bitmap)
    {
        lock (_pagingLock)
        {
            default(TTables).Begin(ref _installed, wanted);
            LogDirtyTable table = default(TTables).Use(ref _installed, wanted);
            table.Enable();
            Protect(table.Range);
        }
        // The lock is free: another operation may begin here.
        lock (_pagingLock)
        {
            LogDirtyTable table = default(TTables).Use(ref _installed, wanted);
            table.MoveTo(bitmap);
            Protect(table.Range);
        }
    }

    // under _pagingLock
    private void Protect(PageRange range) => _protected.AsSpan((int)range.Start, (int)range.Count).Fill(true);
}
