using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>A new block is put into the hash first and into the map of host positions afterwards.</summary>
/// <remarks>Races.md TB18; QEMU before f4cba756cb6c.</remarks>
public readonly struct PublishedBeforeRegistered : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PublishedBeforeRegistered>(
        "published-before-registered", "another vCPU runs the block and faults before its position is known (TB18)");

    public static TranslationBlock Publish(TbContext context, TranslationBlock tb, PageLocks held)
    {
        context.Pages.Add(tb, held);
        TranslationBlock existing = context.Hash.Insert(tb);
        if (existing != tb)
        {
            context.Pages.Remove(tb, held);
        }

        context.Arena.Register(tb.Code); // the wrong line: it comes first
        return existing;
    }
}
