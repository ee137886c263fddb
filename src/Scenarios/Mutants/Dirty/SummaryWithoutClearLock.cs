using System.Runtime.InteropServices;
using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="BitSummary"/>: clearers of one group do not wait for each other.</summary>
public unsafe struct SummaryWithoutClearLock : IFlagSummary
{
    private const ulong Dirty = 1, Checking = 2;  // two bits per group, 32 groups a word

    private ulong* _words;      // Interlocked
    private long _groups;

    public readonly bool IsPresent => true;

    public readonly long Bytes => (_groups + 31) / 32 * 8;

    public void Allocate(long groups)
    {
        _groups = groups;
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
        // the wrong line: missing here, the lock that gives Checking one owner
        for (long group = first; group <= last; group++)
        {
            if ((Volatile.Read(ref _words[group >> 5]) & Dirty << Shift(group)) != 0 && IsClean(flags, group, roots))
                Recheck(flags, group, roots);
        }
    }

    public readonly bool KnownClean(long group) => (Volatile.Read(ref _words[group >> 5]) & (Dirty | Checking) << Shift(group)) == 0;

    public readonly bool KnownFull(long group) => false;

    public void Dispose()
    {
        NativeMemory.Free(_words);
        _words = null;
    }

    private readonly void Recheck(ulong* flags, long group, BitmapRoots roots)
    {
        ref ulong word = ref _words[group >> 5];
        Interlocked.Or(ref word, Checking << Shift(group));
        Interlocked.And(ref word, ~(Dirty << Shift(group)));
        if (!IsClean(flags, group, roots))
            Interlocked.Or(ref word, Dirty << Shift(group));
        Interlocked.And(ref word, ~(Checking << Shift(group)));
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
