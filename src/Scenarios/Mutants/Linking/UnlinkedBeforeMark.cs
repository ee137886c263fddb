using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Linking;

/// <summary>Invalidation unlinks the incoming jumps first and marks the block afterwards.</summary>
/// <remarks>Races.md TB07, "unlink before mark".</remarks>
public readonly struct UnlinkedBeforeMark : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<UnlinkedBeforeMark>(
        "unlinked-before-mark", "a jump is linked between the unlinking and the mark (TB07)");

    public static bool Invalidate<TProtocol>(TbContext context, TranslationBlock tb, PageLocks held)
        where TProtocol : struct, IProtocol
    {
        TProtocol.UnlinkIncoming(tb); // the wrong line: it comes last
        lock (tb.JumpLock)
        {
            tb.MarkInvalid();
        }

        if (!context.Hash.Remove(tb))
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
        return true;
    }
}
