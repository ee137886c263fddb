using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary><see cref="UnlinkReadsNextLast"/> with the page locks released before the block is unlinked.</summary>
/// <remarks>Races.md TB09: whoever claims a released exit overwrites its next, and the unlinking goes on in another block's list.</remarks>
public readonly struct UnlinkWithoutPageLock : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<UnlinkWithoutPageLock>(
        "unlink-without-page-lock", "the exit is claimed for the replacement before its next on the old list was read (TB09)");

    public static bool Invalidate<TProtocol>(TbContext context, TranslationBlock tb, PageLocks held)
        where TProtocol : struct, IProtocol
    {
        lock (tb.JumpLock)
        {
            tb.MarkInvalid();
        }

        if (!context.Hash.Remove(tb))
        {
            return false;
        }

        context.Pages.Remove(tb, held);
        held.Dispose(); // the wrong line: the locks last until the block is unlinked
        foreach (VCpu cpu in context.Cpus.Snapshot)
        {
            cpu.JumpCache.Evict(tb.Code);
        }

        TProtocol.RemoveOutgoing(tb, 0);
        TProtocol.RemoveOutgoing(tb, 1);
        TProtocol.UnlinkIncoming(tb);
        return true;
    }

    public static void UnlinkIncoming(TranslationBlock tb) => UnlinkReadsNextLast.UnlinkIncoming(tb);
}
