using System.Numerics;
using System.Runtime.CompilerServices;

namespace Verify.Engine.Dirty;

/// <summary>The word operations of a bitmap that several threads write; a struct, so that a variant costs nothing.</summary>
public unsafe interface IBitmapBits
{
    /// <summary>Sets the bits of the mask; returns the word before.</summary>
    ulong Or(ulong* word, ulong mask);

    /// <summary>Clears the bits of the mask and returns those that were set, in one step.</summary>
    ulong Take(ulong* word, ulong mask);

    /// <summary>Sets bits [start, start + count).</summary>
    void SetRange(ulong* words, long start, long count);

    /// <summary>Clears bits [start, start + count); whether any was set.</summary>
    bool TakeRange(ulong* words, long start, long count);

    /// <summary>Index of the first set bit in [start, size), or <paramref name="size"/>. The order of arguments is DM04.</summary>
    long FindNextBit(ulong* words, long size, long start);

    /// <summary>Index of the first clear bit in [start, size), or <paramref name="size"/>.</summary>
    long FindNextZeroBit(ulong* words, long size, long start);
}

/// <summary>QEMU's bitmap.c with its atomic functions: or, fetch-and-and, exchange.</summary>
/// <remarks>
/// Why a set is not skipped when the bit is already set: a device writes memory and then loads the bit; without a full fence between, its load may
/// pass its store, while a clearer exchanges the bit and reads the old memory (store buffering, visible under TSO). The interlocked Or is that fence.
/// Why whole words are stored plainly: a store of all ones loses no set, and a clear it overtakes finds the pages dirty again, which they are.
/// Zeros may be stored once the answer is "dirty", which covers every set they overwrite; the fence behind them comes before the caller's reads of
/// memory.
/// </remarks>
public readonly unsafe struct AtomicBits : IBitmapBits
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Or(ulong* word, ulong mask) => Interlocked.Or(ref *word, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Take(ulong* word, ulong mask) =>
        mask == ~0UL ? Interlocked.Exchange(ref *word, 0) : Interlocked.And(ref *word, ~mask) & mask;

    public void SetRange(ulong* words, long start, long count)
    {
        if (count <= 0)
            return;
        long end = start + count;
        ulong* word = words + (start >> 6);
        ulong* last = words + (end >> 6);
        int head = (int)(start & 63), tail = (int)(end & 63);
        if (head != 0)
        {
            ulong mask = ~0UL << head;
            if (word == last)
                mask &= BitScan.LowMask(tail);
            Or(word, mask);
            if (word == last)
                return;
            word++;
        }
        bool plain = word < last;
        for (; word < last; word++)
            Volatile.Write(ref *word, ~0UL);
        if (tail != 0)
            Or(word, BitScan.LowMask(tail));
        else if (plain)
            Interlocked.MemoryBarrier();  // As strong as the Or of a single page. Pairs with the exchange in TakeRange.
    }

    public bool TakeRange(ulong* words, long start, long count)
    {
        if (count <= 0)
            return false;
        long end = start + count;
        long word = start >> 6, last = end >> 6;
        int head = (int)(start & 63), tail = (int)(end & 63);
        ulong taken = 0;
        if (head != 0)
        {
            ulong mask = ~0UL << head;
            if (word == last)
                return TakeIfSet(words + word, mask & BitScan.LowMask(tail)) != 0;
            taken |= TakeIfSet(words + word, mask);
            word++;
        }
        bool plain = false;
        word = BitScan.NextNot(words, word, last, 0);
        for (; word < last && taken == 0; word = BitScan.NextNot(words, word + 1, last, 0))
            taken = Interlocked.Exchange(ref words[word], 0);
        for (; word < last; word = BitScan.NextNot(words, word, last, 0))
        {
            plain = true;
            for (long near = Math.Min(last, word + 16); word < near; word++)
            {
                if (Volatile.Read(ref words[word]) != 0)
                    Volatile.Write(ref words[word], 0);
            }
        }
        if (tail != 0)
            taken |= TakeIfSet(words + last, BitScan.LowMask(tail));
        if (taken == 0 || plain)
            Interlocked.MemoryBarrier();  // "Nothing was dirty" too comes before the caller's reads of memory. Pairs with the Or of a setter.
        return taken != 0;
    }

    public long FindNextBit(ulong* words, long size, long start) => Find(words, size, start, 0);

    public long FindNextZeroBit(ulong* words, long size, long start) => Find(words, size, start, ~0UL);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong TakeIfSet(ulong* word, ulong mask) =>
        (Volatile.Read(ref *word) & mask) == 0 ? FenceAfterNothing() : Interlocked.And(ref *word, ~mask) & mask;

    private static ulong FenceAfterNothing()
    {
        Interlocked.MemoryBarrier();  // As in TakeRange.
        return 0;
    }

    // The first bit whose value differs from that of `skip`, which is 0 or ~0.
    private static long Find(ulong* words, long size, long start, ulong skip)
    {
        if (start >= size)
            return size;
        long word = start >> 6;
        ulong found = (Volatile.Read(ref words[word]) ^ skip) & (~0UL << (int)(start & 63));
        if (found == 0)
        {
            long end = (size + 63) >> 6;
            word = BitScan.NextNot(words, word + 1, end, skip);
            if (word >= end)
                return size;
            found = Volatile.Read(ref words[word]) ^ skip;
            // The word may have changed between the scan and this load; then its first differing bit may be gone, and the search goes on.
            if (found == 0)
                return Find(words, size, (word + 1) << 6, skip);
        }
        return Math.Min(size, (word << 6) + BitOperations.TrailingZeroCount(found));
    }
}
