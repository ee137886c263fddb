using System.Numerics;

namespace Verify.Engine.Dirty;

/// <summary>Moves dirty bits into a bitmap that only the caller uses, at any shift, and counts the new ones.</summary>
internal unsafe ref struct BitmapTransfer(Span<ulong> destination)
{
    private readonly Span<ulong> _destination = destination;

    /// <summary>Bits that were not set in the destination before.</summary>
    public long NewlyDirty { get; private set; }

    /// <summary>Whether any bit was moved.</summary>
    public bool Taken { get; private set; }

    /// <summary>Takes bits [offset, offset + count) of <paramref name="words"/> to the destination from bit <paramref name="to"/> on.</summary>
    public void Take<TBits>(ulong* words, long offset, long count, long to)
        where TBits : struct, IBitmapBits
    {
        long end = offset + count, last = (end + 63) >> 6;
        for (long w = BitScan.NextNot(words, offset >> 6, last, 0); w < last; w = BitScan.NextNot(words, w + 1, last, 0))
        {
            ulong mask = ~0UL;
            if (w == offset >> 6)
                mask <<= (int)(offset & 63);
            if ((w << 6) + 64 > end)
                mask &= BitScan.LowMask((int)(end - (w << 6)));  // A word shared with a neighbour gives up only our bits (DM12).
            if ((Volatile.Read(ref words[w]) & mask) == 0)
                continue;
            ulong bits = default(TBits).Take(words + w, mask);
            if (bits != 0)
                Add(bits, (w << 6) - offset + to);
        }
        if (!Taken)
            Interlocked.MemoryBarrier();  // As in AtomicBits.TakeRange.
    }

    /// <summary>Ors 64 bits whose bit 0 stands at position <paramref name="at"/>; below 0 only for bits that are clear.</summary>
    public void Add(ulong bits, long at)
    {
        Taken = true;
        int shift = (int)(at & 63);
        long word = at >> 6;
        if (shift == 0)
        {
            AddTo(word, bits);
            return;
        }
        if (bits << shift != 0)
            AddTo(word, bits << shift);
        if (bits >> (64 - shift) != 0)
            AddTo(word + 1, bits >> (64 - shift));
    }

    /// <summary>Everything is dirty: the answer for a client that is not enabled.</summary>
    public void AddAll(long count)
    {
        for (long at = 0; at < count; at += 64)
            AddTo(at >> 6, BitScan.LowMask((int)Math.Min(64, count - at)));
    }

    private void AddTo(long word, ulong bits)
    {
        ref ulong target = ref _destination[(int)word];
        NewlyDirty += BitOperations.PopCount(bits & ~target);
        target |= bits;
    }
}
