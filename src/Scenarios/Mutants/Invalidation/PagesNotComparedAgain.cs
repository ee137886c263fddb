using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Invalidation;

/// <summary>Who invalidates a block locks the pages it had when he looked, and does not look again.</summary>
/// <remarks>The slot may be another block's by then, which lies elsewhere: its pages are not locked.</remarks>
public readonly struct PagesNotComparedAgain : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PagesNotComparedAgain>(
        "pages-not-compared-again", "a flush hands the slot to a block of another page before the first page is locked");

    public static bool IsStillOn(PageLocks held, TranslationBlock tb) => true; // the wrong line: held.Cover
}
