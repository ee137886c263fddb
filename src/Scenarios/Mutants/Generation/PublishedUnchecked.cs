using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>A new block is put into the hash without looking whether an equal one is there by now.</summary>
/// <remarks>Races.md scenario 26.</remarks>
public readonly struct PublishedUnchecked : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PublishedUnchecked>(
        "published-unchecked", "another vCPU has published the same block since the look-up missed");

    public static TranslationBlock Publish(TbContext context, TranslationBlock tb, PageLocks held)
    {
        context.Arena.Register(tb.Code);
        context.Pages.Add(tb, held);
        context.Hash.InsertUnchecked(tb); // the wrong line: Insert
        return tb;
    }
}
