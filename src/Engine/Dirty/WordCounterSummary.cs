using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>Thread 1: per 64 pages, how many of them are 0xff.</summary>
/// <remarks>
/// After OHMURA, "Wrap phys_ram_dirty with additional inline functions" (qemu-devel, February 2010). The corrections of DM03: (a) the counter is
/// found by the absolute page; (b) it moves only if the byte really becomes or ceases to be 0xff; (c) host words; (d) no rounding macro left to be
/// wrong; (e) byte and counter change under one lock per group, so that no count is lost.
/// Order inside the lock: the counter is raised before and lowered after the byte, so it is never below the number of 0xff pages; at rest it is
/// equal.
/// </remarks>
public unsafe struct WordCounterSummary : IFlagSummary
{
    private const int Stripes = 64;

    private object[] _locks;  // group g is guarded by _locks[g % Stripes]: counter writes, flag writes
    private int* _fullPages;  // by group; Volatile
    private long _groups;

    public readonly bool IsPresent => true;

    public readonly long Bytes => _groups * sizeof(int);

    public void Allocate(long groups)
    {
        _groups = groups;
        _fullPages = (int*)NativeMemory.AllocZeroed((nuint)groups, sizeof(int));
        _locks = new object[Stripes];
        for (int i = 0; i < Stripes; i++)
            _locks[i] = new object();
    }

    public readonly void Or(ulong* flags, long word, ulong mask)
    {
        // Already set, and still set after the fence: whoever clears later sees what the caller wrote. Pairs with the exchange in And.
        Interlocked.MemoryBarrier();
        if ((Volatile.Read(ref flags[word]) & mask) == mask)
            return;
        lock (_locks[(word >> 3) % Stripes])
        {
            ulong old = Volatile.Read(ref flags[word]);
            Add(word >> 3, FlagWords.CountFull(old | mask) - FlagWords.CountFull(old));
            Volatile.Write(ref flags[word], old | mask);
        }
    }

    public readonly ulong And(ulong* flags, long word, ulong mask)
    {
        lock (_locks[(word >> 3) % Stripes])
        {
            ulong old = Volatile.Read(ref flags[word]);
            Interlocked.Exchange(ref flags[word], old & mask);  // Full fence: pairs with the barrier in Or, whose fast path takes no lock.
            Add(word >> 3, FlagWords.CountFull(old & mask) - FlagWords.CountFull(old));
            return old;
        }
    }

    public readonly void Cleared(ulong* flags, long first, long last, BitmapRoots roots)
    {
    }

    /// <summary>Pages of the group that are 0xff (phys_ram_dirty_by_word).</summary>
    public readonly int FullPages(long group) => Volatile.Read(ref _fullPages[group]);

    // A count of 0 says that no page is dirty for all, not that none is dirty for somebody.
    public readonly bool KnownClean(long group) => false;

    public readonly bool KnownFull(long group) => FullPages(group) == 64;

    public void Dispose()
    {
        NativeMemory.Free(_fullPages);
        _fullPages = null;
    }

    // under the group's lock
    private readonly void Add(long group, int difference)
    {
        if (difference != 0)
            Volatile.Write(ref _fullPages[group], _fullPages[group] + difference);
    }
}
