using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary>Invalidation releases the page locks once it has removed the block from the hash, and unlinks it afterwards.</summary>
/// <remarks>Races.md TB27: the page lock is what makes the loser of the removal wait for the winner.</remarks>
public readonly struct LoserReturnsAtOnce : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<LoserReturnsAtOnce>(
        "loser-returns-at-once", "who finds the block removed already returns while jumps still lead to it (TB27)");

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
}
