using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    /// <param name="denseWords">Stop where so many words were taken of at most twice as many, and there are many more to come.</param>
    /// <returns>Bits dealt with, <paramref name="count"/> unless it stopped.</returns>
    public long Take<TBits>(ulong* words, long offset, long count, long to, int denseWords = DirtyMemoryOptions.NeverDense)
        where TBits : struct, IBitmapBits
    {
        const int WorthAGracePeriod = 64;
        long end = offset + count, last = (end + 63) >> 6, since = 0;
        int taken = 0;
        for (long w = BitScan.NextNot(words, offset >> 6, last, 0); w < last; w = BitScan.NextNot(words, w + 1, last, 0))
        {
            ulong mask = ~0UL;
            if (w == offset >> 6)
                mask <<= (int)(offset & 63);
            if (taken == 0)
                since = w;
            if (taken >= denseWords)
            {
                if (w - since <= 2L * denseWords && last - w >= (long)WorthAGracePeriod * denseWords)
                    return Math.Max(0, (w << 6) - offset);
                (since, taken) = (w, 0);
            }
            taken++;
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
        return count;
    }

    /// <summary>Moves the first <paramref name="count"/> bits of a piece of bitmap nobody else uses, and clears them.</summary>
    public void MoveOwned(ulong* words, long count, long to)
    {
        long full = count >> 6, w = (to & 63) == 0 ? MoveVectors(words, full, _destination[(int)(to >> 6)..]) : 0;
        for (; w < full; w++)
        {
            if (words[w] != 0)
                Add(words[w], to + (w << 6));
            words[w] = 0;
        }
        ulong tail = (count & 63) == 0 ? 0 : words[full] & BitScan.LowMask((int)(count & 63));
        if (tail == 0)
            return;
        Add(tail, to + (full << 6));
        words[full] &= ~tail;
    }

    // The words that fill vectors; how many.
    private long MoveVectors(ulong* words, long count, Span<ulong> destination)
    {
        if (!Avx2.IsSupported)
            return 0;
        long fresh = 0, w = 0;
        fixed (ulong* to = destination)
        {
            Vector256<long> sum = Vector256<long>.Zero;
            for (; w + 8 <= count; w += 8)
            {
                Vector256<ulong> first = Avx.LoadVector256(words + w), second = Avx.LoadVector256(words + w + 4);
                if ((first | second) == Vector256<ulong>.Zero)
                    continue;
                Vector256<ulong> firstOld = Avx.LoadVector256(to + w), secondOld = Avx.LoadVector256(to + w + 4);
                Avx.Store(to + w, firstOld | first);
                Avx.Store(to + w + 4, secondOld | second);
                Avx.Store(words + w, Vector256<ulong>.Zero);
                Avx.Store(words + w + 4, Vector256<ulong>.Zero);
                sum += BitCount.OfBytes(Vector256.AndNot(first, firstOld), Vector256.AndNot(second, secondOld));
                Taken = true;
            }
            fresh = Vector256.Sum(sum);
        }
        NewlyDirty += fresh;
        return w;
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
    public void AddAll(long at, long count)
    {
        bool taken = Taken;
        for (long end = at + count; at < end; at += 64)
            Add(BitScan.LowMask((int)Math.Min(64, end - at)), at);
        Taken = taken; // nothing was taken from anywhere
    }

    private void AddTo(long word, ulong bits)
    {
        ref ulong target = ref _destination[(int)word];
        NewlyDirty += BitOperations.PopCount(bits & ~target);
        target |= bits;
    }
}
