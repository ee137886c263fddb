using System.Runtime.InteropServices;
using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="BitSummary"/>: a setter loads the word of the summary, ors and stores it.</summary>
public unsafe struct SummaryWithPlainOr : IFlagSummary
{
    private const ulong Dirty = 1, Checking = 2;  // two bits per group, 32 groups a word

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
        {
            ulong summary = Volatile.Read(ref _words[group >> 5]);
            Volatile.Write(ref _words[group >> 5], summary | Dirty << Shift(group)); // the wrong line: other groups lose what was set since
        }
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

    public readonly bool KnownClean(long group) => (Volatile.Read(ref _words[group >> 5]) & (Dirty | Checking) << Shift(group)) == 0;

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
