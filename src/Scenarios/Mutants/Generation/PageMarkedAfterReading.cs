using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>The page is locked before its bytes are read, but marked as code only when the block is published.</summary>
/// <remarks>Races.md TB13, TB15: a lock that stores do not take keeps no store away.</remarks>
public readonly struct PageMarkedAfterReading : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PageMarkedAfterReading>(
        "page-marked-after-reading", "a store between the reading and the mark does not look for blocks (TB13)");

    public static void PrepareToRead(TbContext context, int page, PageLocks held) { } // the wrong line: MarkCode

    public static TranslationBlock Publish(TbContext context, TranslationBlock tb, PageLocks held)
    {
        context.Pages.MarkCode(tb.Page0, held);
        context.Arena.Register(tb.Code);
        context.Pages.Add(tb, held);
        TranslationBlock existing = context.Hash.Insert(tb);
        if (existing != tb)
        {
            context.Pages.Remove(tb, held);
        }

        return existing;
    }
}
