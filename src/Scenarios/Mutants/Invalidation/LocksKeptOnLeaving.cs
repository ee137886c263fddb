using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Invalidation;

/// <summary>A vCPU leaves the block its store has invalidated with the page locks held.</summary>
/// <remarks>Races.md TB28: a longjmp past the unlocking.</remarks>
public readonly struct LocksKeptOnLeaving : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<LocksKeptOnLeaving>(
        "locks-kept-on-leaving", "the page stays locked for good (TB28)");

    public static bool LeaveAfterStore(PageLocks held)
    {
        held.Abandon(); // the wrong line: Dispose
        return true;
    }
}
