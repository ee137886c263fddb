using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="AtomicBits"/>: takes and credits the whole word, although the range ends inside it (DM12).</summary>
public readonly unsafe struct WholeWordCreditedBits : IBitmapBits
{
    public ulong Or(ulong* word, ulong mask) => default(AtomicBits).Or(word, mask);

    public ulong Take(ulong* word, ulong mask) => Interlocked.Exchange(ref *word, 0); // the wrong line: the mask is ignored

    public void SetRange(ulong* words, long start, long count) => default(AtomicBits).SetRange(words, start, count);

    public bool TakeRange(ulong* words, long start, long count) => default(AtomicBits).TakeRange(words, start, count);

    public long FindNextBit(ulong* words, long size, long start) => default(AtomicBits).FindNextBit(words, size, start);

    public long FindNextZeroBit(ulong* words, long size, long start) => default(AtomicBits).FindNextZeroBit(words, size, start);
}
