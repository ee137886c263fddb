using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>The second page of a block is locked without looking whether it is the first one.</summary>
/// <remarks>Races.md TB21.</remarks>
public readonly struct SamePageLockedTwice : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<SamePageLockedTwice>(
        "same-page-locked-twice", "the vCPU waits for a page that it has locked itself (TB21)");

    public static bool LockSecondPage(PageLocks held, int page)
    {
        held.Enter(page); // the wrong line: AddOrRelock, which looks first
        return true;
    }
}
