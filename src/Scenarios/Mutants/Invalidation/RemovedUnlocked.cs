using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Invalidation;

/// <summary>Mutant of QEMU's order: a block leaves its hash chain without the lock of the bucket.</summary>
public readonly struct RemovedUnlocked : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<RemovedUnlocked>(
        "removed-unlocked", "the predecessor that skips the block is being skipped itself, to the block");

    public static bool Invalidate<TProtocol>(TbContext context, TranslationBlock tb, PageLocks held)
        where TProtocol : struct, IProtocol
    {
        lock (tb.JumpLock)
        {
            tb.MarkInvalid();
        }

        if (!context.Hash.RemoveUnlocked(tb)) // the wrong line: Remove
        {
            return false;
        }

        context.Pages.Remove(tb, held);
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
