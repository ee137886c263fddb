using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>A block on two pages is put on the list of the first one only.</summary>
/// <remarks>Races.md TB16: QEMU from deba78709ae8 until June 2024 computed both pages from the address of the first.</remarks>
public readonly struct SecondPageNotRecorded : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<SecondPageNotRecorded>(
        "second-page-not-recorded", "a store into the second page does not find the block (TB16)");

    public static TranslationBlock Publish(TbContext context, TranslationBlock tb, PageLocks held)
    {
        context.Arena.Register(tb.Code);
        context.Pages.AddTo(0, tb, held); // the wrong line: Add
        return context.Hash.Insert(tb);
    }
}
