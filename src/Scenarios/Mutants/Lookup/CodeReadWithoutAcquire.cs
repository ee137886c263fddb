using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Mutants.Lookup;

/// <summary>Pc and code are two words of an entry, written in the right order and with release, but the code is read without acquire.</summary>
/// <remarks>
/// Races.md TB11, scenario 15: what the load-acquire of QEMU tb-jmp-cache.h is for. The other half cannot be left out in .NET, where storing a reference
/// is a release.
/// </remarks>
public readonly struct CodeReadWithoutAcquire : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<CodeReadWithoutAcquire>(
        "code-read-without-acquire", "the pc is read before the code, and is the one the entry had before (TB11)");

    public static TbCode? FindInJumpCache(TbJumpCache cache, ulong pc) => PcBesideCode.Find(cache, pc);

    public static void PutIntoJumpCache(TbJumpCache cache, TbCode code)
    {
        Volatile.Write(ref cache.PcBeside(code.Pc), code.Pc);
        cache.Set(code);
    }

    public static (ulong Pc, TbCode Code)? ReadJumpCache(TbJumpCache cache, ulong pc) =>
        cache.EntryUnordered(pc) is { } code ? (cache.PcBeside(pc), code) : null; // the wrong line: PcBesideCode.Read
}
