using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="AtomicBits"/>: whole words are set by plain stores, and no fence follows.</summary>
/// <remarks>For scenarios whose ranges are whole words.</remarks>
public readonly unsafe struct UnfencedRangeBits : IBitmapBits
{
    public ulong Or(ulong* word, ulong mask) => default(AtomicBits).Or(word, mask);

    public ulong Take(ulong* word, ulong mask) => default(AtomicBits).Take(word, mask);

    public void SetRange(ulong* words, long start, long count)
    {
        for (long word = start >> 6; word < (start + count) >> 6; word++)
        {
            Volatile.Write(ref words[word], ~0UL); // the wrong line: missing behind the loop, the full fence
        }
    }

    public bool TakeRange(ulong* words, long start, long count) => default(AtomicBits).TakeRange(words, start, count);

    public long FindNextBit(ulong* words, long size, long start) => default(AtomicBits).FindNextBit(words, size, start);

    public long FindNextZeroBit(ulong* words, long size, long start) => default(AtomicBits).FindNextZeroBit(words, size, start);
}
