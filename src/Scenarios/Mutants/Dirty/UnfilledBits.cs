using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="AtomicBits"/>: a newly enabled client starts clean (scenario 43).</summary>
/// <remarks>For scenarios whose only range that is set is that fill.</remarks>
public readonly unsafe struct UnfilledBits : IBitmapBits
{
    public ulong Or(ulong* word, ulong mask) => default(AtomicBits).Or(word, mask);

    public ulong Take(ulong* word, ulong mask) => default(AtomicBits).Take(word, mask);

    public void SetRange(ulong* words, long start, long count)
    {
        // the wrong line: missing here, the fill of a client that comes
    }

    public bool TakeRange(ulong* words, long start, long count) => default(AtomicBits).TakeRange(words, start, count);

    public long FindNextBit(ulong* words, long size, long start) => default(AtomicBits).FindNextBit(words, size, start);

    public long FindNextZeroBit(ulong* words, long size, long start) => default(AtomicBits).FindNextZeroBit(words, size, start);
}
