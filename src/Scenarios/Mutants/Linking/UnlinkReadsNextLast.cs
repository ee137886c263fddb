using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary>Upstream's order in tb_jmp_unlink: the exit is given back, and only then the next jump of the list is read.</summary>
/// <remarks>
/// Races.md TB09. Sound as long as whoever could claim the exit has to wait for the page lock that the invalidator holds; see
/// <see cref="UnlinkWithoutPageLock"/> for what that is worth.
/// </remarks>
public readonly struct UnlinkReadsNextLast : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<UnlinkReadsNextLast>("unlink-reads-next-last", null);

    /// <inheritdoc cref="TbLinker.UnlinkIncoming"/>
    public static void UnlinkIncoming(TranslationBlock tb)
    {
        lock (tb.JumpLock)
        {
            TbJump jump = tb.IncomingFirst;
            while (jump.Origin is { } origin)
            {
                origin.Code.SetTarget(jump.N, null);
                origin.Release(jump.N);
                Thread.Yield(); // where another thread may claim the exit: to a scheduler the reading of the list is no event
                jump = origin.IncomingNext(jump.N);
            }

            tb.IncomingFirst = default;
        }
    }
}
