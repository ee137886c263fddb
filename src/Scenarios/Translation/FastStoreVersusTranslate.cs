using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU stores twice into a page, the second time through its TLB entry, while another one translates a block from the page.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: in <see cref="TranslateVersusStore"/> the one store misses, and so looks at the page's flags anyway.</remarks>
public sealed class FastStoreVersusTranslate() : StoreScenario(
    TbCase.Mutant(PageMarkedAfterReading.Entry, "is stale"),
    TbCase.Sound("per-cpu-flag", "the translator takes the fast path away from stores, and a store compares its tag a second time"),
    TbCase.Sound("valid-marker", "the translator takes the fast path away from stores, and a store compares its tag a second time"),
    TbCase.Sound("exclusive-flush", "the translator takes the fast path away from stores, and a store compares its tag a second time"))
{
    private static GuestImage Guest { get; } = GuestCode.Image(
    [
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2, 4), GuestCode.StoreWord(GuestCode.A1, GuestCode.A2),
        GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall,
        .. new uint[1020],
        GuestCode.Jump(4),
    ]);

    public override string Name => "fast-store-vs-translate";

    public override string Summary => "a vCPU stores to a page through its TLB entry while another one translates a block from it";

    public override string Source => "races.md TB13, TB15; docs/mutation.md";

    public override void Run(InvalidationEntry design) => TurnWhileStored(design, Guest, BlockOfSecondPage);
}
