using System.Runtime.CompilerServices;

namespace Verify.Engine.Translation;

/// <summary>A vCPU's direct-mapped cache from guest pc to code.</summary>
/// <remarks>
/// Filled by its owner, emptied by anybody, no lock. A block that is being invalidated may be put back after it was evicted (races.md TB10), so a
/// hit counts only while the block is usable; one execution of a block already past that test is tolerated. Evict is a test and a write, not an
/// exchange: it may erase a newer entry, which costs a look-up. An entry is one reference to an immutable pair of pc and code, the one source of
/// truth: they cannot disagree (TB11).
/// </remarks>
public sealed class TbJumpCache
{
    private readonly TbCode?[] _entries; // each volatile
    private ulong[]? _pcs;               // volatile, each of them too; see Pcs

    /// <param name="bits">Logarithm of the number of entries, 0 to 16.</param>
    public TbJumpCache(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 16);
        _entries = new TbCode?[1 << bits];
    }

    /// <summary>Of <see cref="TbFlags"/>, the mode the owner's hart is in: part of what a look-up must match. Owner only.</summary>
    public TbFlags Mode { get; set; }

    /// <summary>Usable code for the pc in the hart's mode, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TbCode? Find(ulong pc) => Probe(pc) is { IsUsable: true } code ? code : null;

    /// <summary>What the entry of the pc holds for it, stale or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TbCode? Probe(ulong pc)
    {
        TbCode? code = Volatile.Read(ref Entry(pc)); // Pairs with the writes in Set, Evict and Clear.
        return code != null && code.Pc == pc && code.Mode == Mode ? code : null;
    }

    /// <summary>What the entry of the pc holds, for whatever pc. By anybody.</summary>
    public TbCode? Peek(ulong pc) => Volatile.Read(ref Entry(pc));

    /// <summary>Owner only.</summary>
    public void Set(TbCode code) => Volatile.Write(ref Entry(code.Pc), code);

    /// <summary>Forgets the code if it is there.</summary>
    public void Evict(TbCode code)
    {
        if (Volatile.Read(ref Entry(code.Pc)) == code)
        {
            Volatile.Write(ref Entry(code.Pc), null);
        }
    }

    public void Clear()
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            Volatile.Write(ref _entries[i], null);
        }
    }

    /// <summary>
    /// A pc beside each entry, as QEMU keeps it for blocks that may be used at several (tb-jmp-cache.h, CF_PCREL), where pc and code are two words.
    /// No protocol of the engine uses it; it is here for those that do. Each is to be written before its code with release, and read after it.
    /// </summary>
    /// <returns>The pc of the entry that <paramref name="pc"/> uses.</returns>
    public ref ulong PcBeside(ulong pc)
    {
        ulong[] pcs = Volatile.Read(ref _pcs) ?? Interlocked.CompareExchange(ref _pcs, new ulong[_entries.Length], null) ?? _pcs!;
        return ref pcs[Index(pc)];
    }

    private ref TbCode? Entry(ulong pc) => ref _entries[Index(pc)];

    private int Index(ulong pc) => (int)((pc >> 1) ^ (pc >> 2)) & (_entries.Length - 1);
}
