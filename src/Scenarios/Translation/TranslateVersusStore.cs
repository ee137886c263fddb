using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU translates a page while another one, which runs elsewhere, stores into it.</summary>
public sealed class TranslateVersusStore() : StoreScenario(
    TbCase.Mutant(PageMarkedAfterReading.Entry, "is stale"),
    TbCase.Sound("per-cpu-flag", "the page is marked before its bytes are read, and a store looks for the mark after it was done"),
    TbCase.Sound("exclusive-flush", "the page is marked before its bytes are read, and a store looks for the mark after it was done"))
{
    public override string Name => "translate-vs-store";

    public override string Summary => "a vCPU translates a block while another one stores into its page";

    public override string Source => "races.md TB13, TB15, scenario 17";

    public override void Run(InvalidationEntry design) => TurnWhileStored(design, isTranslatedBefore: false);
}
