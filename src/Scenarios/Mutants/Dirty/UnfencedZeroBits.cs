using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="AtomicBits"/>: words of a range are zeroed by plain stores, and no fence follows.</summary>
/// <remarks>For scenarios whose ranges are whole words.</remarks>
public readonly unsafe struct UnfencedZeroBits : IBitmapBits
{
    public ulong Or(ulong* word, ulong mask) => default(AtomicBits).Or(word, mask);

    public ulong Take(ulong* word, ulong mask) => default(AtomicBits).Take(word, mask);

    public void SetRange(ulong* words, long start, long count) => default(AtomicBits).SetRange(words, start, count);

    public bool TakeRange(ulong* words, long start, long count)
    {
        bool taken = false;
        for (long word = start >> 6; word < (start + count) >> 6; word++)
        {
            if (Volatile.Read(ref words[word]) != 0)
            {
                Volatile.Write(ref words[word], 0);
                taken = true;
            }
        }

        return taken; // the wrong line: missing before it, the full fence
    }

    public long FindNextBit(ulong* words, long size, long start) => default(AtomicBits).FindNextBit(words, size, start);

    public long FindNextZeroBit(ulong* words, long size, long start) => default(AtomicBits).FindNextZeroBit(words, size, start);
}
