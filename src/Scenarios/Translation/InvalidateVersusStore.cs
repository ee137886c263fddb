using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Invalidation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU's store into a translated block takes the slow path and invalidates it; another vCPU translates the block again.</summary>
public sealed class InvalidateVersusStore() : StoreScenario(
    TbCase.Mutant(InvalidatedBeforeStore.Entry, "is stale"),
    TbCase.Sound("per-cpu-flag", "the store is done before blocks are looked for: who translated from the old bytes is found"),
    TbCase.Sound("flush-counter", "the store is done before blocks are looked for: who translated from the old bytes is found"),
    TbCase.Sound("exclusive-flush", "the store is done before blocks are looked for: who translated from the old bytes is found"))
{
    public override string Name => "invalidate-vs-store";

    public override string Summary => "a vCPU's store invalidates a block while another one translates it again";

    public override string Source => "races.md TB14, scenario 18";

    public override void Run(InvalidationEntry design) => TurnWhileStored(design, isTranslatedBefore: true);
}
