using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="AtomicBits"/>: clears bits with <c>&amp;=</c>, as bitmap_clear of 2014 did (DM02).</summary>
public readonly unsafe struct PlainClearBits : IBitmapBits
{
    public ulong Or(ulong* word, ulong mask) => default(AtomicBits).Or(word, mask);

    public ulong Take(ulong* word, ulong mask)
    {
        ulong before = Volatile.Read(ref *word);
        Volatile.Write(ref *word, before & ~mask); // the wrong line: whatever was written since the load is gone
        return before & mask;
    }

    public void SetRange(ulong* words, long start, long count) => default(AtomicBits).SetRange(words, start, count);

    public bool TakeRange(ulong* words, long start, long count)
    {
        ulong taken = 0;
        for (long page = start; page < start + count; page++)
        {
            taken |= Take(words + (page >> 6), 1UL << (int)page);
        }

        return taken != 0;
    }

    public long FindNextBit(ulong* words, long size, long start) => default(AtomicBits).FindNextBit(words, size, start);

    public long FindNextZeroBit(ulong* words, long size, long start) => default(AtomicBits).FindNextZeroBit(words, size, start);
}
