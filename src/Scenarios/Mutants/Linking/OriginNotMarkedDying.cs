using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary>Invalidation takes the dying block off the list of its destination without marking its exits first.</summary>
/// <remarks>Races.md TB08, without the mark in bit 0 of <c>jmp_dest[n]</c>.</remarks>
public readonly struct OriginNotMarkedDying : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<OriginNotMarkedDying>(
        "origin-not-marked-dying", "an exit of the dying block is claimed after it was found free (TB08)");

    public static void RemoveOutgoing(TranslationBlock tb, int n)
    {
        if (tb.Destination(n).Block is not { } destination) // the wrong line: MarkDying
        {
            return;
        }

        lock (destination.JumpLock)
        {
            if (tb.Destination(n).Block == null)
            {
                return;
            }

            tb.Code.SetTarget(n, null);
            TbLinker.RemoveIncoming(destination, new TbJump(tb, n));
        }
    }
}
