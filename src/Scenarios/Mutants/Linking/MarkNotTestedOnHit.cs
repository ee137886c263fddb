using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary>A hit in the jump cache compares the pc and not the invalid mark: what is in the cache is trusted to be valid.</summary>
/// <remarks>Races.md TB10: the order of removals alone does not suffice.</remarks>
public readonly struct MarkNotTestedOnHit : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<MarkNotTestedOnHit>(
        "mark-not-tested-on-hit", "a block found in the hash before the invalidation is put into the jump cache after it was cleared (TB10)");

    public static TbCode? FindInJumpCache(TbJumpCache cache, ulong pc) => cache.Probe(pc); // the wrong line: Find
}
