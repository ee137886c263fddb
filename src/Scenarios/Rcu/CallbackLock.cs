using Verify.Engine.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>Callbacks run under the lock that the domain was made with: a thread that holds it is alone, and a callback too.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: elsewhere a drain comes between a callback and whoever holds the lock.</remarks>
public sealed class CallbackLock() : RcuScenario(VariantsAnd(
    () => Run<SymmetricRcu>(),
    () => Run<AsymmetricRcu>(),
    () => Run<TwoPhaseRcu>(),
    ScenarioCase.Mutant(
        "lock-of-its-own", "the domain was not told of the lock, so its callbacks take another", Both, () => Run<SymmetricRcu>(tellsDomain: false))))
{
    private const string Both = "two threads hold the big lock";

    public override string Name => "callback-lock";

    public override string Summary => "a deferred callback runs while a vCPU is in the lock that callbacks run under";

    public override string Source => "QEMU util/rcu.c (call_rcu_thread takes the big lock); docs/mutation.md";

    private static void Run<TVariant>(bool tellsDomain = true)
        where TVariant : struct, IRcuVariant
    {
        object bigLock = new();
        int inside = 0, ran = 0; // Interlocked
        RcuDomain<TVariant> rcu = new(tellsDomain ? bigLock : null);
        rcu.CallRcu(Section);
        RunActors(
            ("monitor", () => rcu.CallRcu(Section)),
            ("vcpu", () =>
            {
                lock (bigLock)
                {
                    Section();
                }
            }
        ));
        rcu.Dispose();
        Check(ran == 3, $"{ran} of 3 sections ran");

        void Section()
        {
            Check(Interlocked.Increment(ref inside) == 1, Both);
            Thread.Yield(); // a holder may be descheduled: here a schedule need not preempt it
            Check(Interlocked.Decrement(ref inside) == 0, Both);
            Interlocked.Increment(ref ran);
        }
    }
}
