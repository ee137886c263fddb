using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>Two threads defer frees while a reader reads: each runs once, in its thread's order, and not before a full grace period.</summary>
public sealed class CallRcuOrder() : RcuScenario(VariantsAnd(
    () => Run<SymmetricRcu>(),
    () => Run<AsymmetricRcu>(),
    () => Run<TwoPhaseRcu>(),
    ScenarioCase.Mutant(
        "count-before-enqueue", "a later callback is run in place of one that was counted and is not queued yet (RC06)",
        UsedAfterFree + "|callbacks were counted",
        () => Run<CountBeforeEnqueueRcu>()),
    ScenarioCase.Mutant(
        "count-read-after-sync", "callbacks queued during the grace period run at its end (RC06)", UsedAfterFree,
        () => Run<CountAfterSyncRcu>(producers: 1))))
{
    public override string Name => "call-rcu-order";

    public override string Summary => "two producers replace an object each and defer freeing it while a reader uses both";

    public override string Source => "races.md RC06, scenario 59";

    private static void Run<TVariant>(int producers = 2)
        where TVariant : struct, IRcuVariant
    {
        const int First = 0, Replaced0 = 1, Replaced1 = 2, Second1 = 3;
        RcuDomain<TVariant> rcu = new();
        Protected[] current = [new(), new()]; // Volatile
        List<int> ran = []; // the reclaimer, and the test once it has ended
        rcu.CallRcu(() => ran.Add(First)); // a round may be under way when the producers come
        RunActors(
            Reader("reader", rcu, reader =>
            {
                using RcuSection<TVariant> section = reader.Read();
                Protected first = Volatile.Read(ref current[0]), second = Volatile.Read(ref current[1]);
                Thread.Yield(); // a reader may be descheduled in its section: here a schedule need not preempt it
                first.Use();
                second.Use();
            }),
            ("producer 1", () =>
            {
                Replace(1, Replaced1);
                rcu.CallRcu(() => ran.Add(Second1));
            }
        ),
            producers > 1
                ? ("producer 0", () => Replace(0, Replaced0))
                : Reader("early reader", rcu, reader =>
                {
                    using RcuSection<TVariant> section = reader.Read();
                    Thread.Yield();
                }));
        rcu.Dispose();
        Check(ran.Count == producers + 2 && ran.Distinct().Count() == ran.Count, $"callbacks {string.Join(", ", ran)} ran instead of {producers + 2}, once each");
        Check(
            ran.IndexOf(Replaced1) < ran.IndexOf(Second1),
            $"callbacks ran in the order {string.Join(", ", ran)}: one thread queued {Replaced1} before {Second1}");

        void Replace(int which, int id)
        {
            Protected old = Volatile.Read(ref current[which]);
            Volatile.Write(ref current[which], new Protected());
            rcu.CallRcu(() =>
            {
                old.Free();
                ran.Add(id);
            });
        }
    }
}
