using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary><see cref="TbLinker.AddJump"/> tests that the exit is free and then stores into it, instead of a compare-exchange.</summary>
/// <remarks>Races.md scenario 11.</remarks>
public readonly struct ClaimedByPlainStore : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<ClaimedByPlainStore>(
        "claimed-by-plain-store", "two linkers, under the locks of two destinations, both find the exit free");

    public static bool AddJump(TranslationBlock origin, int n, TranslationBlock destination)
    {
        lock (destination.JumpLock)
        {
            if (destination.Invalid || origin.Destination(n) is not (null, false))
            {
                return false;
            }

            origin.ForceDestination(n, destination); // the wrong line: TryClaim
            origin.Code.SetTarget(n, destination.Code);
            TbLinker.PushIncoming(origin, n, destination);
            return true;
        }
    }
}
