using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary><see cref="TbLinker.AddJump"/> looks at the destination's invalid mark before it takes the jump lock.</summary>
/// <remarks>Races.md TB07, "check before lock".</remarks>
public readonly struct MarkTestedBeforeLock : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<MarkTestedBeforeLock>(
        "mark-tested-before-lock", "the destination is invalidated and unlinked between the test and the lock (TB07)");

    public static bool AddJump(TranslationBlock origin, int n, TranslationBlock destination)
    {
        if (destination.Invalid) // the wrong line: it belongs under the lock
        {
            return false;
        }

        lock (destination.JumpLock)
        {
            if (!origin.TryClaim(n, destination))
            {
                return false;
            }

            origin.Code.SetTarget(n, destination.Code);
            TbLinker.PushIncoming(origin, n, destination);
            return true;
        }
    }
}
