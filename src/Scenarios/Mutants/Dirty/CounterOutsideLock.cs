using System.Runtime.InteropServices;
using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="WordCounterSummary"/>: byte and counter change in two steps, as the patch of thread 1 had it (DM03 e).</summary>
public unsafe struct CounterOutsideLock : IFlagSummary
{
    private int* _fullPages;  // by group; Volatile
    private long _groups;

    public readonly bool IsPresent => true;

    public readonly long Bytes => _groups * sizeof(int);

    public void Allocate(long groups)
    {
        _groups = groups;
        _fullPages = (int*)NativeMemory.AllocZeroed((nuint)groups, sizeof(int));
    }

    public readonly void Or(ulong* flags, long word, ulong mask)
    {
        ulong old = Interlocked.Or(ref flags[word], mask);
        Add(word >> 3, FlagWords.CountFull(old | mask) - FlagWords.CountFull(old)); // the wrong line: no lock around this and the one before
    }

    public readonly ulong And(ulong* flags, long word, ulong mask)
    {
        ulong old = Interlocked.And(ref flags[word], mask);
        Add(word >> 3, FlagWords.CountFull(old & mask) - FlagWords.CountFull(old));
        return old;
    }

    public readonly void Cleared(ulong* flags, long first, long last, BitmapRoots roots)
    {
    }

    public readonly int FullPages(long group) => Volatile.Read(ref _fullPages[group]);

    public readonly bool KnownClean(long group) => false;

    public readonly bool KnownFull(long group) => FullPages(group) == 64;

    public void Dispose()
    {
        NativeMemory.Free(_fullPages);
        _fullPages = null;
    }

    private readonly void Add(long group, int difference)
    {
        if (difference != 0)
        {
            Volatile.Write(ref _fullPages[group], Volatile.Read(ref _fullPages[group]) + difference);
        }
    }
}
