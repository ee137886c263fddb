using System.Numerics;
using System.Runtime.CompilerServices;

namespace Verify.Engine.Dirty;

/// <summary>The operations on one bitmap per client, written once for every way to store them.</summary>
/// <remarks>
/// After QEMU include/exec/ram_addr.h with the reviews and corrections of races.md: ranges stop at the end of a segment; a range of a client that is
/// not enabled is dirty; the read section ends before TLBs are re-armed and listeners told.
/// </remarks>
public unsafe partial struct BitmapView<TStore, TBits>(TStore store, DirtyMemoryOptions options) : IDirtyMemory
    where TStore : struct, IBitmapStore
    where TBits : struct, IBitmapBits
{
    private TStore _store = store;

    public readonly DirtyMemoryOptions Options => options;

    internal BitmapRoots Roots => _store.Roots;

    /// <summary>The storage beneath, for code that goes through its steps one by one.</summary>
    public TStore Store => _store;

    public long PageCount => _store.Roots.PageCount;

    public DirtyClients EnabledClients => _store.Roots.EnabledClients;

    public DirtyClients GetDirtyFlags(long page)
    {
        Check(page);
        bool entered = _store.Enter();
        DirtyClients flags = DirtyClients.None;
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
        {
            nint bitmap = _store.Open(c);
            if (bitmap == 0 || (Volatile.Read(ref *_store.WordOf(bitmap, page)) >> (int)page & 1) != 0)
                flags |= c.ToSet();
            if (bitmap != 0)
                _store.Verify(bitmap);
        }
        _store.Leave(entered);
        return flags;
    }

    public bool AnyDirty(PageRange range, DirtyClient client) => RunOf(range, client, dirty: false) < range.Count;

    public bool AllDirty(PageRange range, DirtyClient client) => RunOf(range, client, dirty: true) == range.Count;

    public long CleanRun(PageRange range, DirtyClients clients)
    {
        Check(range);
        long run = range.Count;
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
        {
            if (clients.Includes(c))
                run = RunOf(range with { Count = run }, c, dirty: false);
        }
        return run;
    }

    public long DirtyRun(PageRange range, DirtyClients clients)
    {
        Check(range);
        long run = 0;
        while (run < range.Count)
        {
            long longest = 0;
            for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
            {
                if (clients.Includes(c))
                    longest = Math.Max(longest, RunOf(new PageRange(range.Start + run, range.Count - run), c, dirty: true));
            }
            if (longest == 0)
                break;
            run += longest;
        }
        return run;
    }

    public void SetDirty(long page) => SetDirtyWordUnchecked(Check(page), 1UL << (int)page, DirtyClients.All);

    public DirtyClients SetDirtyFlags(long page, DirtyClients clients)
    {
        Check(page);
        SetDirtyWordUnchecked(page, 1UL << (int)page, clients);
        return GetDirtyFlags(page);
    }

    public void SetDirtyWord(long page, ulong mask, DirtyClients clients)
    {
        if (page % 64 != 0)
            throw new DirtyMemoryException($"Page {page} does not begin a word: pass a multiple of 64.");
        if (mask == 0)
            return;
        Check(page + 63 - BitOperations.LeadingZeroCount(mask));
        SetDirtyWordUnchecked(page, mask, clients);
    }

    public void SetDirtyRange(PageRange range, DirtyClients clients)
    {
        Check(range);
        bool entered = _store.Enter();
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
        {
            nint bitmap = clients.Includes(c) ? _store.Open(c) : 0;
            if (bitmap == 0)
                continue;
            for (long page = range.Start, count; page < range.End; page += count)
            {
                count = range.End - page;
                ulong* words = _store.SegmentOf(bitmap, page, ref count, out long offset);
                default(TBits).SetRange(words, offset, count);
            }
            _store.Verify(bitmap);
        }
        _store.Leave(entered);
        if (range.Count != 0)
            options.Listener?.Modified(range.ToBytes());
    }

    public void ClearDirtyRange(PageRange range, DirtyClients clients)
    {
        Check(range);
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
        {
            if (clients.Includes(c))
                Clear(range, c, out _);
        }
    }

    public bool TestAndClearDirty(PageRange range, DirtyClient client)
    {
        Check(range);
        if (range.Count == 0)
            return false;
        bool dirty = Clear(range, client, out bool enabled);
        if (dirty && enabled)
            options.Tlb.ResetDirty(range.Start, range.Count);
        return dirty;
    }

    public void Detach() => _store.Detach();

    private bool Clear(PageRange range, DirtyClient client, out bool enabled)
    {
        bool dirty = false;
        bool entered = _store.Enter();
        nint bitmap = _store.Open(client);
        enabled = bitmap != 0;
        if (enabled)
        {
            for (long page = range.Start, count; page < range.End; page += count)
            {
                count = range.End - page;
                ulong* words = _store.SegmentOf(bitmap, page, ref count, out long offset);
                dirty |= default(TBits).TakeRange(words, offset, count);
            }
            _store.Verify(bitmap);
        }
        _store.Leave(entered);
        return dirty || !enabled;
    }

    // Length of the leading run of dirty resp. clean pages.
    private long RunOf(PageRange range, DirtyClient client, bool dirty)
    {
        Check(range);
        bool entered = _store.Enter();
        nint bitmap = _store.Open(client);
        long page = range.Start;
        if (bitmap != 0)
        {
            while (page < range.End)
            {
                long count = range.End - page;
                ulong* words = _store.SegmentOf(bitmap, page, ref count, out long offset);
                long end = offset + count;
                long stop = dirty ? default(TBits).FindNextZeroBit(words, end, offset) : default(TBits).FindNextBit(words, end, offset);
                page += stop - offset;
                if (stop < end)
                    break;
            }
            _store.Verify(bitmap);
        }
        else if (dirty)
        {
            page = range.End;
        }
        _store.Leave(entered);
        return page - range.Start;
    }

    private void SetDirtyWordUnchecked(long page, ulong mask, DirtyClients clients)
    {
        bool entered = _store.Enter();
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
        {
            nint bitmap = clients.Includes(c) ? _store.Open(c) : 0;
            if (bitmap == 0)
                continue;
            default(TBits).Or(_store.WordOf(bitmap, page), mask);
            _store.Verify(bitmap);
        }
        _store.Leave(entered);
    }

    // Before the section: the page count is read before the bitmap pointer, and published after it, so the bitmap holds every page that passes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Check(long page)
    {
        CheckIn(_store, page);
        return page;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckIn(TStore store, long page)
    {
        if ((ulong)page >= (ulong)store.Roots.PageCount)
            PageBounds.Throw(new PageRange(page, 1), store.Roots.PageCount);
    }

    private void Check(PageRange range)
    {
        if (!PageBounds.Contains(PageCount, range))
            PageBounds.Throw(range, PageCount);
    }
}
