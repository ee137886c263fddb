using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary><see cref="TbLinker.AddJump"/> does not look at the destination's invalid mark: whoever found the block did.</summary>
/// <remarks>Races.md TB07, "no re-check".</remarks>
public readonly struct MarkNotTested : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<MarkNotTested>(
        "mark-not-tested", "the destination was invalidated between the look-up and the link (TB07)");

    public static bool AddJump(TranslationBlock origin, int n, TranslationBlock destination)
    {
        lock (destination.JumpLock)
        {
            if (!origin.TryClaim(n, destination)) // the wrong line: the mark is not tested
            {
                return false;
            }

            origin.Code.SetTarget(n, destination.Code);
            TbLinker.PushIncoming(origin, n, destination);
            return true;
        }
    }
}
