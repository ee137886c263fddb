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

    /// <param name="bits">Logarithm of the number of entries, 0 to 16.</param>
    public TbJumpCache(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 16);
        _entries = new TbCode?[1 << bits];
    }

    /// <summary>Usable code for the pc, or null.</summary>
    public TbCode? Find(ulong pc) => Probe(pc) is { IsUsable: true } code ? code : null;

    /// <summary>What the entry of the pc holds for it, stale or not.</summary>
    public TbCode? Probe(ulong pc)
    {
        TbCode? code = Volatile.Read(ref Entry(pc)); // Pairs with the writes in Set, Evict and Clear.
        return code != null && code.Pc == pc ? code : null;
    }

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

    private ref TbCode? Entry(ulong pc) => ref _entries[(int)((pc >> 1) ^ (pc >> 2)) & (_entries.Length - 1)];
}
