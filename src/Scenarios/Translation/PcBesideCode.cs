using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Translation;

/// <summary>A jump cache whose entries are two words, pc and code, as QEMU's are for position-independent blocks.</summary>
/// <remarks>
/// Races.md TB11; QEMU tb-jmp-cache.h at 06f3831c and 3371802fba3f. The pc is written first, then the code with release; a reader loads the code with
/// acquire, then the pc. That is enough for an entry that is filled once: the owner alone overwrites one, and alone may read one that it overwrites.
/// </remarks>
public readonly struct PcBesideCode : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PcBesideCode>("pc-beside-code", null);

    public static TbCode? FindInJumpCache(TbJumpCache cache, ulong pc) => Find(cache, pc);

    public static void PutIntoJumpCache(TbJumpCache cache, TbCode code)
    {
        Volatile.Write(ref cache.PcBeside(code.Pc), code.Pc);
        cache.Set(code); // Pairs with the read of the code in Read.
    }

    public static (ulong Pc, TbCode Code)? ReadJumpCache(TbJumpCache cache, ulong pc) => Read(cache, pc);

    internal static TbCode? Find(TbJumpCache cache, ulong pc) =>
        Read(cache, pc) is var (kept, code) && kept == pc && code.Mode == cache.Mode && code.IsUsable ? code : null;

    internal static (ulong Pc, TbCode Code)? Read(TbJumpCache cache, ulong pc) =>
        cache.Peek(pc) is { } code ? (Volatile.Read(ref cache.PcBeside(pc)), code) : null;
}
