using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>Two writers replace an object each and wait for a grace period at the same time: neither misses the reader, and both return.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: elsewhere one thread at a time waits, so that nobody needs the lock of grace periods.</remarks>
public sealed class SynchronizeTwice() : RcuScenario(VariantsAnd(
    Run<SymmetricRcu>,
    Run<AsymmetricRcu>,
    Run<TwoPhaseRcu>,
    ScenarioCase.Mutant("no-wait", "the grace period ends without looking at the readers", UsedAfterFree, Run<UnwaitedRcu>),
    ScenarioCase.Mutant(
        "reset-after-scan", "the reader's wake-up is forgotten between the scan and the wait (RC02)", "waits for", Run<ResetAfterScanRcu>)))
{
    public override string Name => "synchronize-twice";

    public override string Summary => "two writers replace an object each and wait for readers at once, while a reader uses both";

    public override string Source => "races.md 5 (one grace period at a time); docs/mutation.md";

    private static void Run<TVariant>()
        where TVariant : struct, IRcuVariant
    {
        using RcuDomain<TVariant> rcu = new();
        Protected[] current = [new(), new()]; // Volatile
        RunActors(
            Reader("reader", rcu, reader =>
            {
                using RcuSection<TVariant> section = reader.Read();
                Protected first = Volatile.Read(ref current[0]), second = Volatile.Read(ref current[1]);
                first.Use();
                second.Use();
            }),
            ("writer 0", () => Replace(0)),
            ("writer 1", () => Replace(1)));
        Check(rcu.GracePeriods <= 2, "two calls of synchronize were counted as more grace periods");

        void Replace(int which)
        {
            Protected old = Volatile.Read(ref current[which]);
            Volatile.Write(ref current[which], new Protected());
            rcu.Synchronize();
            old.Free();
        }
    }
}
