using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary>A dying block waits for its destination's jump lock and does not look whether the destination unlinked it meanwhile.</summary>
/// <remarks>Races.md TB08, "re-read after the lock".</remarks>
public readonly struct ExitNotReadAgain : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<ExitNotReadAgain>(
        "exit-not-read-again", "the destination has unlinked the exit before the lock was got (TB08)");

    public static void RemoveOutgoing(TranslationBlock tb, int n)
    {
        if (tb.MarkDying(n) is not { } destination)
        {
            return;
        }

        lock (destination.JumpLock)
        {
            tb.Code.SetTarget(n, null); // the wrong line: Destination(n) is not read again before it
            TbLinker.RemoveIncoming(destination, new TbJump(tb, n));
        }
    }
}
