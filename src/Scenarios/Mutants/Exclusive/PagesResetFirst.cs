using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>A flush empties the page lists before the hash, as this engine once did.</summary>
/// <remarks>docs/findings.md, "A flush that emptied the page lists first".</remarks>
public readonly struct PagesResetFirst : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PagesResetFirst>(
        "pages-reset-first", "a block is found in the hash and taken off a page list that has just been emptied");

    public static void ResetTables(TbContext context)
    {
        context.Pages.Reset(); // the wrong line: it comes second
        context.Hash.Reset();
    }
}
