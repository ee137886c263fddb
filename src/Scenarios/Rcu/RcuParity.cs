using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>A reader is delayed between loading the phase and storing it, over a whole grace period: the next one still waits for it.</summary>
public sealed class RcuParity() : RcuScenario(VariantsAnd(
    Run<SymmetricRcu>,
    Run<AsymmetricRcu>,
    Run<TwoPhaseRcu>,
    ScenarioCase.Mutant(
        "one-phase-parity", "one flip of one bit a grace period takes the delayed reader for a new one (RC04)", UsedAfterFree, Run<OnePhaseParityRcu>)))
{
    public override string Name => "rcu-parity";

    public override string Summary => "a reader enters and uses an object while the writer replaces and frees two, a grace period each";

    public override string Source => "races.md RC04, scenario 56";

    private static void Run<TVariant>()
        where TVariant : struct, IRcuVariant
    {
        using RcuDomain<TVariant> rcu = new();
        Protected current = new(); // Volatile
        RunActors(
            Reader("reader", rcu, reader =>
            {
                using RcuSection<TVariant> section = reader.Read();
                Protected found = Volatile.Read(ref current);
                Thread.Yield(); // a reader may be descheduled in its section: here a schedule need not preempt it
                found.Use();
            }),
            ("writer", () =>
            {
                for (int i = 0; i < 2; i++)
                {
                    Protected old = Volatile.Read(ref current);
                    Volatile.Write(ref current, new Protected());
                    rcu.Synchronize();
                    old.Free();
                    Thread.Yield();
                }
            }
        ));
    }
}
