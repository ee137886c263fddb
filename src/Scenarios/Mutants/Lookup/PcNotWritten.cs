using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Mutants.Lookup;

/// <summary>Pc and code are two words of an entry, and only the code is written.</summary>
/// <remarks>Races.md TB11, scenario 15; QEMU before 3371802fba3f.</remarks>
public readonly struct PcNotWritten : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PcNotWritten>(
        "pc-not-written", "the code is found under the pc its entry had before (TB11)");

    public static TbCode? FindInJumpCache(TbJumpCache cache, ulong pc) => PcBesideCode.Find(cache, pc);

    public static void PutIntoJumpCache(TbJumpCache cache, TbCode code) => cache.Set(code); // the wrong line: the pc is missing

    public static (ulong Pc, TbCode Code)? ReadJumpCache(TbJumpCache cache, ulong pc) => PcBesideCode.Read(cache, pc);
}
