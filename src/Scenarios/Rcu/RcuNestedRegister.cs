using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>Sections nest, and threads register and unregister while a writer waits: nobody is missed, lost, or waited for in vain.</summary>
public sealed class RcuNestedRegister() : RcuScenario(VariantsAnd(
    Run<SymmetricRcu>,
    Run<AsymmetricRcu>,
    Run<TwoPhaseRcu>,
    ScenarioCase.Mutant("depth-ignored", "the inner leave ends the outer section", UsedAfterFree, Run<DepthIgnoredRcu>),
    ScenarioCase.Mutant(
        "swap-loses-node", "who registered during the wait is in no list after it", "is not registered here|" + UsedAfterFree, Run<ReplacedReadersRcu>)))
{
    public override string Name => "rcu-nested-register";

    public override string Summary => "a reader nests its sections, another one registers and unregisters, and the writer replaces an object and waits";

    public override string Source => "races.md 5, scenario 58";

    private static void Run<TVariant>()
        where TVariant : struct, IRcuVariant
    {
        using RcuDomain<TVariant> rcu = new();
        Protected current = new(); // Volatile
        RunActors(
            Reader("nesting", rcu, reader =>
            {
                using RcuSection<TVariant> outer = reader.Read();
                Protected found = Volatile.Read(ref current);
                using (reader.Read())
                {
                    found.Use();
                }

                found.Use();
            }),
            Reader("newcomer", rcu, reader =>
            {
                using RcuSection<TVariant> section = reader.Read();
                Volatile.Read(ref current).Use();
            }),
            ("writer", () =>
            {
                Protected old = Volatile.Read(ref current);
                Volatile.Write(ref current, new Protected());
                rcu.Synchronize();
                old.Free();
            }
        ));
    }
}
