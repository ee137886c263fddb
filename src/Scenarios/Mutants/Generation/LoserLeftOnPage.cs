using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>A block that lost against an equal one stays on the list of its page, though its slot is given back.</summary>
/// <remarks>Races.md scenario 26.</remarks>
public readonly struct LoserLeftOnPage : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<LoserLeftOnPage>(
        "loser-left-on-page", "the list of the page leads to a slot that was given back");

    public static TranslationBlock Publish(TbContext context, TranslationBlock tb, PageLocks held)
    {
        context.Arena.Register(tb.Code);
        context.Pages.Add(tb, held);
        return context.Hash.Insert(tb); // the wrong line: Pages.Remove is missing for a loser
    }
}
