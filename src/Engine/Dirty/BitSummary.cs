using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>Kivity's answer to thread 1: one bit per 64 pages, set if at least one of them is dirty for an enabled client.</summary>
/// <remarks>
/// qemu-devel, 13 February 2010: "if one or more pages is dirty, the bit is set; otherwise it is clear". Clearing it means looking at all 64, and a
/// set of another page between the look and the clear would be hidden (DM03, last sentence). Re-checking after the clear brings it back, but a search
/// in between would still miss a set that had returned. Hence a second bit, Checking: while a clearer looks, the group is neither known clean nor
/// marked, and a setter marks it again.
/// Invariant: a group with neither bit has no dirty page, but for sets that have not returned.
/// </remarks>
public unsafe struct BitSummary : IFlagSummary
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
        // Page first, then summary: the Or above is the fence between its store and this load. Pairs with the And in Recheck.
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
        // A setter that still saw Dirty has stored its page before; the fence of this And makes the look below find it. The same goes for a
        // client that comes: it is listed before its fill, whose sets still saw Dirty.
        Interlocked.And(ref word, ~(Dirty << Shift(group)));
        if (!IsClean(flags, group, roots))
            Interlocked.Or(ref word, Dirty << Shift(group));
        Interlocked.And(ref word, ~(Checking << Shift(group)));
    }

    private static bool IsClean(ulong* flags, long group, BitmapRoots roots)
    {
        DirtyClients enabled = roots.EnabledClients;
        ulong any = 0;
        for (long word = group * 8; word < group * 8 + 8; word++)
            any |= Volatile.Read(ref flags[word]);
        return (any & FlagWords.Unroll((byte)enabled)) == 0;
    }

    private static int Shift(long group) => (int)(group & 31) * 2;
}
