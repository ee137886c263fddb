using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="AtomicBits"/>: the patch of thread 0 as it was written, <c>|=</c> on a word that several threads write (DM02).</summary>
public readonly unsafe struct PlainOrBits : IBitmapBits
{
    public ulong Or(ulong* word, ulong mask)
    {
        ulong before = Volatile.Read(ref *word);
        Volatile.Write(ref *word, before | mask); // the wrong line: whatever was written since the load is gone
        return before;
    }

    public ulong Take(ulong* word, ulong mask) => default(AtomicBits).Take(word, mask);

    public void SetRange(ulong* words, long start, long count) => default(AtomicBits).SetRange(words, start, count);

    public bool TakeRange(ulong* words, long start, long count) => default(AtomicBits).TakeRange(words, start, count);

    public long FindNextBit(ulong* words, long size, long start) => default(AtomicBits).FindNextBit(words, size, start);

    public long FindNextZeroBit(ulong* words, long size, long start) => default(AtomicBits).FindNextZeroBit(words, size, start);
}
