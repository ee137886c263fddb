namespace Verify.Engine.Translation;

/// <summary>A vCPU's direct-mapped cache from guest pc to code.</summary>
/// <remarks>
/// Filled by its owner under TbLock and cleared by anybody under TbLock, so nothing that was removed can be put back (races.md TB10). The owner
/// also reads it without the lock at indirect jumps; one execution of a block already past that read is tolerated. An entry is one reference to
/// an immutable pc, so pc and code cannot disagree (TB11).
/// </remarks>
public sealed class TbJumpCache
{
    private readonly TbCode?[] _entries;

    /// <param name="bits">Logarithm of the number of entries, 0 to 16.</param>
    public TbJumpCache(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 16);
        _entries = new TbCode?[1 << bits];
    }

    public TbCode? Find(ulong pc, TbMode mode)
    {
        TbCode? code = Volatile.Read(ref Entry(pc)); // Pairs with the writes in Set, Evict and Clear.
        return code != null && code.Pc == pc && code.Mode == mode ? code : null;
    }

    internal void Set(TbCode code) => Volatile.Write(ref Entry(code.Pc), code);

    internal void Evict(TbCode code)
    {
        if (Volatile.Read(ref Entry(code.Pc)) == code)
        {
            Volatile.Write(ref Entry(code.Pc), null);
        }
    }

    internal void Clear()
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            Volatile.Write(ref _entries[i], null);
        }
    }

    private ref TbCode? Entry(ulong pc) => ref _entries[(int)(pc >> 1) & (_entries.Length - 1)];
}
