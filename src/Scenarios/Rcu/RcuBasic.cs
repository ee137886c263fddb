using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>A reader uses what it found while the writer replaces it, waits and frees: never after it was freed.</summary>
public sealed class RcuBasic() : RcuScenario(VariantsAnd(
    Run<SymmetricRcu>,
    Run<AsymmetricRcu>,
    Run<TwoPhaseRcu>,
    ScenarioCase.Mutant(
        "no-fence-enter", "the reader's phase becomes visible after it loaded the pointer (F1)", UsedAfterFree, Run<UnfencedEnterRcu>, MemoryModelName.Tso),
    ScenarioCase.Sound(
        "no-fence-scan", "equivalent: the event's reset and F4 stand between the new pointer and the scan too, so F3 is one fence too many",
        Run<UnfencedScanRcu>),
    ScenarioCase.Mutant("unlocked-read", "entering a section tells nobody", UsedAfterFree, Run<UnlockedReadRcu>),
    ScenarioCase.Mutant("no-wait", "the grace period ends without looking at the readers", UsedAfterFree, Run<UnwaitedRcu>)))
{
    public override string Name => "rcu-basic";

    public override string Summary => "a reader uses an object in two sections while the writer publishes another one, waits for readers and frees the first";

    public override string Source => "races.md 5 (F1, F3), scenario 55";

    private static void Run<TVariant>()
        where TVariant : struct, IRcuVariant
    {
        using RcuDomain<TVariant> rcu = new();
        Protected current = new(); // Volatile
        RunActors(
            Reader("reader", rcu, reader =>
            {
                for (int i = 0; i < 2; i++)
                {
                    using RcuSection<TVariant> section = reader.Read();
                    Protected found = Volatile.Read(ref current);
                    found.Use();
                    found.Use();
                }
            }),
            ("writer", () =>
            {
                Protected old = Volatile.Read(ref current);
                Volatile.Write(ref current, new Protected());
                rcu.Synchronize();
                old.Free();
            }));
    }
}
