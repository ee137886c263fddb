using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>A reader leaves while the writer goes to sleep: the writer wakes.</summary>
public sealed class RcuLostWakeup() : RcuScenario(VariantsAnd(
    Run<SymmetricRcu>,
    Run<AsymmetricRcu>,
    Run<TwoPhaseRcu>,
    ScenarioCase.Mutant(
        "reset-after-scan", "the reader's wake-up is forgotten between the scan and the wait (RC02)", "waits for", Run<ResetAfterScanRcu>),
    ScenarioCase.Mutant(
        "no-fence-leave", "the reader looks whether somebody waits before it is seen outside (RC03, F2)", "waits for", Run<UnfencedLeaveRcu>,
        MemoryModelName.Tso),
    ScenarioCase.Mutant(
        "no-fence-marking", "the writer reads the phases before its marks are visible (RC03, F4)", "waits for", Run<UnfencedMarkingRcu>,
        MemoryModelName.Tso)))
{
    public override string Name => "rcu-lost-wakeup";

    public override string Summary => "a reader leaves its section while the writer marks it and goes to sleep";

    public override string Source => "races.md RC02, RC03, scenario 57";

    private static void Run<TVariant>()
        where TVariant : struct, IRcuVariant
    {
        using RcuDomain<TVariant> rcu = new();
        RunActors(
            Reader("reader", rcu, reader =>
            {
                reader.Enter();
                reader.Leave();
            }),
            ("writer", rcu.Synchronize));
        Check(rcu.GracePeriods <= 1, "one synchronize was counted as several grace periods");
    }
}
