using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>A block is put on the list of each of its pages without looking whether they are one.</summary>
/// <remarks>Races.md TB21, scenario 20.</remarks>
public readonly struct SamePageRecordedTwice : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<SamePageRecordedTwice>(
        "same-page-recorded-twice", "the block is on the list of its page twice, and is taken off it once (TB21)");

    public static TranslationBlock Publish(TbContext context, TranslationBlock tb, PageLocks held)
    {
        context.Arena.Register(tb.Code);
        context.Pages.AddTo(0, tb, held);
        if (tb.Page1 >= 0)
        {
            context.Pages.AddTo(1, tb, held); // the wrong line: not if it is the first page
        }

        TranslationBlock existing = context.Hash.Insert(tb);
        if (existing != tb)
        {
            context.Pages.Remove(tb, held);
        }

        return existing;
    }
}
