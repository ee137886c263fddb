using System.Runtime.InteropServices;
using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="WordCounterSummary"/>: a clear lowers the count for every 0xff page it meets (DM03 b).</summary>
public unsafe struct CounterLoweredForUntouched : IFlagSummary
{
    private object _lock;     // counter writes, flag writes
    private int* _fullPages;  // by group; Volatile
    private long _groups;

    public readonly bool IsPresent => true;

    public readonly long Bytes => _groups * sizeof(int);

    public void Allocate(long groups)
    {
        _groups = groups;
        _fullPages = (int*)NativeMemory.AllocZeroed((nuint)groups, sizeof(int));
        _lock = new object();
    }

    public readonly void Or(ulong* flags, long word, ulong mask)
    {
        lock (_lock)
        {
            ulong old = Volatile.Read(ref flags[word]);
            Add(word >> 3, FlagWords.CountFull(old | mask) - FlagWords.CountFull(old));
            Volatile.Write(ref flags[word], old | mask);
        }
    }

    public readonly ulong And(ulong* flags, long word, ulong mask)
    {
        lock (_lock)
        {
            ulong old = Volatile.Read(ref flags[word]);
            Interlocked.Exchange(ref flags[word], old & mask);
            Add(word >> 3, -FlagWords.CountFull(old)); // the wrong line: pages the mask leaves 0xff were counted too
            return old;
        }
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
