using System.Runtime.InteropServices;
using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="BitSummary"/>: one bit a group, re-set after the re-check; until then a search misses a set that has returned.</summary>
public unsafe struct SummaryWithoutChecking : IFlagSummary
{
    private const ulong Dirty = 1;  // two bits per group, one unused

    private object _clearLock;  // one clearer of summary bits at a time, so that Checking has one owner
    private ulong* _words;      // Interlocked
    private long _groups;

    public readonly bool IsPresent => true;

    public readonly long Bytes => (_groups + 31) / 32 * 8;

    public void Allocate(long groups)
    {
        _groups = groups;
        _clearLock = new object();
        _words = (ulong*)NativeMemory.AllocZeroed((nuint)((groups + 31) / 32), sizeof(ulong));
    }

    public readonly void Or(ulong* flags, long word, ulong mask)
    {
        Interlocked.Or(ref flags[word], mask);
        if ((mask & FlagWords.Unroll((byte)DirtyClients.All)) == 0)
            return;
        long group = word >> 3;
        if ((Volatile.Read(ref _words[group >> 5]) & Dirty << Shift(group)) == 0)
            Interlocked.Or(ref _words[group >> 5], Dirty << Shift(group));
    }

    public readonly ulong And(ulong* flags, long word, ulong mask) => Interlocked.And(ref flags[word], mask);

    public readonly void Cleared(ulong* flags, long first, long last, BitmapRoots roots)
    {
        lock (_clearLock)
        {
            for (long group = first; group <= last; group++)
            {
                if ((Volatile.Read(ref _words[group >> 5]) & Dirty << Shift(group)) != 0 && IsClean(flags, group, roots))
                    Recheck(flags, group, roots);
            }
        }
    }

    public readonly bool KnownClean(long group) => (Volatile.Read(ref _words[group >> 5]) & Dirty << Shift(group)) == 0;

    public readonly bool KnownFull(long group) => false;

    public void Dispose()
    {
        NativeMemory.Free(_words);
        _words = null;
    }

    // under _clearLock
    private readonly void Recheck(ulong* flags, long group, BitmapRoots roots)
    {
        ref ulong word = ref _words[group >> 5];
        Interlocked.And(ref word, ~(Dirty << Shift(group))); // the wrong line: missing around it, the bit that says "being checked"
        if (!IsClean(flags, group, roots))
        {
            Interlocked.Or(ref word, Dirty << Shift(group));
        }
    }

    private static bool IsClean(ulong* flags, long group, BitmapRoots roots)
    {
        ulong any = 0;
        for (long word = group * 8; word < group * 8 + 8; word++)
            any |= Volatile.Read(ref flags[word]);
        return (any & FlagWords.Unroll((byte)roots.EnabledClients)) == 0;
    }

    private static int Shift(long group) => (int)(group & 31) * 2;
}
