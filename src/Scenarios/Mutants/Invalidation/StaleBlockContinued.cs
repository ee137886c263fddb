using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Invalidation;

/// <summary>A vCPU whose store has invalidated the block it runs goes on in it.</summary>
/// <remarks>Races.md TB28.</remarks>
public readonly struct StaleBlockContinued : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<StaleBlockContinued>(
        "stale-block-continued", "the rest of the block is the old code (TB28)");

    public static bool LeaveAfterStore(PageLocks held) => false; // the wrong line
}
