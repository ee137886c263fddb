namespace Verify.Engine.Dirty;

/// <summary>A range of guest memory the kernel logs. Unless said otherwise, members are called under the log's MMU lock.</summary>
public sealed class KvmSlot
{
    private readonly ulong[] _writable;  // written under the MMU lock, read without; a bit is set while writes to the page are not seen
    private readonly ulong[] _log;       // under the MMU lock; pages written and not yet cleared
    private readonly ulong[] _fetched;   // under the MMU lock; logged pages userspace knows of (ManualClear)

    internal KvmSlot(PageRange range, long bits)
    {
        Range = range;
        Bits = bits;
        long words = (bits + 63) / 64;
        _writable = new ulong[words];
        _log = new ulong[words];
        _fetched = new ulong[words];
    }

    public PageRange Range { get; }

    /// <summary>Host pages in the slot.</summary>
    public long Bits { get; }

    internal long BitOf(long page, int pagesPerBit)
    {
        if (page < Range.Start || page >= Range.End)
            throw new DirtyMemoryException($"Page {page} is not in the slot {Range.Start}..{Range.End}: pass the slot that holds it.");
        return (page - Range.Start) / pagesPerBit;
    }

    // Without the lock too: a vCPU's TLB hit.
    internal bool IsWritable(long bit) => (Volatile.Read(ref _writable[bit / 64]) >> (int)bit & 1) != 0;

    internal void MakeWritable(long bit) => Volatile.Write(ref _writable[bit / 64], _writable[bit / 64] | 1UL << (int)bit);

    internal void Protect(long bit) => Volatile.Write(ref _writable[bit / 64], _writable[bit / 64] & ~(1UL << (int)bit));

    internal void Log(long bit) => _log[bit / 64] |= 1UL << (int)bit;

    /// <summary>Copies the log; with <paramref name="clear"/> also empties it and protects its pages. Whether any page was protected.</summary>
    internal bool Fetch(Span<ulong> log, bool clear)
    {
        ulong any = 0;
        for (int w = 0; w < _log.Length; w++)
        {
            ulong bits = _log[w];
            log[w] = bits;
            if (clear)
            {
                any |= bits;
                Clear(w, bits);
            }
            else
            {
                _fetched[w] |= bits;
            }
        }
        return any != 0;
    }

    /// <summary>Clears and protects those of bits [first, end) the rule allows.</summary>
    internal bool ClearFetched(long first, long end, IKvmClearRule rule)
    {
        ulong any = 0;
        for (long w = first / 64; w * 64 < end; w++)
        {
            ulong mask = w == first / 64 ? ~0UL << (int)(first % 64) : ~0UL;
            if (w * 64 + 64 > end)
                mask &= (1UL << (int)(end % 64)) - 1;
            ulong known = rule.Clearable(_fetched[w], mask);
            any |= known;
            _fetched[w] &= ~known;
            Clear((int)w, known);
        }
        return any != 0;
    }

    private void Clear(int word, ulong bits)
    {
        _log[word] &= ~bits;
        Volatile.Write(ref _writable[word], _writable[word] & ~bits);
    }
}
