using System.Numerics;

namespace Verify.Engine.Dirty;

/// <summary>How the number of dirty pages changes with the bits; a struct, so that a variant costs nothing.</summary>
public interface IDirtyPageCount
{
    /// <summary>Marks pages in the bitmap and counts them.</summary>
    /// <param name="gate">The lock of bitmap and count.</param>
    /// <param name="mark">Changes the bitmap and returns by how much the count rises.</param>
    void Grow(object gate, Func<long> mark, ref long count);
}

/// <summary>Bits and count change together.</summary>
public readonly struct CountUnderLock : IDirtyPageCount
{
    public void Grow(object gate, Func<long> mark, ref long count)
    {
        lock (gate)
            Volatile.Write(ref count, count + mark());
    }
}

/// <summary>Pages migration has still to send: collected from dirty memory, taken one by one by the sender, grown with RAM.</summary>
/// <remarks>
/// QEMU migration_bitmap of 2015 (migration_bitmap_sync, migration_bitmap_find_dirty, migration_bitmap_extend). Deviation: there the sender clears
/// bits without the mutex and the count of grown pages is added after it was released (DM14); here bits and count change under one lock.
/// Invariant: whenever the lock is free, the count is the number of set bits.
/// </remarks>
public sealed class MigrationBitmap<TCount>(long pages)
    where TCount : struct, IDirtyPageCount
{
    private readonly object _gate = new();
    private ulong[] _bits = new ulong[(pages + 63) / 64];  // under _gate
    private long _pages = pages;                           // under _gate
    private int _nextWord;                                 // under _gate; where the search goes on
    private long _dirtyPages;                              // written under _gate, read without by whoever decides to stop the guest

    /// <summary>Pages left to send: an estimate while others work, exact at rest.</summary>
    public long DirtyPages => Volatile.Read(ref _dirtyPages);

    /// <summary>Set bits, counted one by one.</summary>
    public long CountBits()
    {
        lock (_gate)
            return _bits.Sum(w => (long)BitOperations.PopCount(w));
    }

    /// <summary>Tracks more pages, all to be sent. Fewer than now changes nothing.</summary>
    public void Extend(long newPages) => default(TCount).Grow(_gate, () => MarkNew(newPages), ref _dirtyPages);

    /// <summary>Marks pages, whether they were written or not: those of a RAM block nobody has sent yet.</summary>
    public void Mark(PageRange range) => default(TCount).Grow(_gate, () => MarkAll(range), ref _dirtyPages);

    /// <summary>Collects what was written since the last time. Returns how many pages were not waiting to be sent already.</summary>
    public long Sync(IDirtyMemory memory)
    {
        lock (_gate)
        {
            long newlyDirty = memory.SyncDirtyBitmap(_bits, new PageRange(0, Math.Min(_pages, memory.PageCount)));
            Volatile.Write(ref _dirtyPages, _dirtyPages + newlyDirty);
            return newlyDirty;
        }
    }

    /// <summary>The next page to send, no longer marked: read it after this call, not before. -1 if there is none.</summary>
    /// <remarks>Pages come in ascending order, and after the highest again from the lowest on.</remarks>
    public long TakeNext()
    {
        lock (_gate)
        {
            for (int searched = 0; searched < _bits.Length; searched++, _nextWord = (_nextWord + 1) % _bits.Length)
            {
                ref ulong bits = ref _bits[_nextWord];
                if (bits == 0)
                    continue;
                long page = _nextWord * 64L + BitOperations.TrailingZeroCount(bits);
                bits &= bits - 1;
                Volatile.Write(ref _dirtyPages, _dirtyPages - 1);
                return page;
            }
            return -1;
        }
    }

    // under _gate
    private long MarkAll(PageRange range)
    {
        long marked = 0;
        for (long page = range.Start; page < range.End; page++)
        {
            ulong bit = 1UL << (int)page;
            marked += (_bits[page / 64] & bit) == 0 ? 1 : 0;
            _bits[page / 64] |= bit;
        }
        return marked;
    }

    // under _gate
    private long MarkNew(long newPages)
    {
        long grown = Math.Max(0, newPages - _pages);
        Array.Resize(ref _bits, (int)((Math.Max(newPages, _pages) + 63) / 64));
        for (long page = _pages; page < newPages; page++)
            _bits[page / 64] |= 1UL << (int)page;
        _pages += grown;
        return grown;
    }
}
