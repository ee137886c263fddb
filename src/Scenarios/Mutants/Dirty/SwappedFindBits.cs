using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="AtomicBits"/>: the patch's calls with offset and size swapped (DM04, fixed by 88c73d16ad1b).</summary>
public readonly unsafe struct SwappedFindBits : IBitmapBits
{
    public ulong Or(ulong* word, ulong mask) => default(AtomicBits).Or(word, mask);

    public ulong Take(ulong* word, ulong mask) => default(AtomicBits).Take(word, mask);

    public void SetRange(ulong* words, long start, long count) => default(AtomicBits).SetRange(words, start, count);

    public bool TakeRange(ulong* words, long start, long count) => default(AtomicBits).TakeRange(words, start, count);

    // The wrong lines: start and size.
    public long FindNextBit(ulong* words, long size, long start) => default(AtomicBits).FindNextBit(words, start, size);

    public long FindNextZeroBit(ulong* words, long size, long start) => default(AtomicBits).FindNextZeroBit(words, start, size);
}
