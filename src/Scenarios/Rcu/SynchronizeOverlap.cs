using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>A second writer comes while a first one waits: a reader that the first one has found outside, and that has entered since, is waited for.</summary>
/// <remarks>
/// Found missing by <c>verify mutate</c>: with one reader (<see cref="SynchronizeTwice"/>) nobody stands aside while a writer waits, and the lock of
/// grace periods survives being dropped.
/// </remarks>
public sealed class SynchronizeOverlap() : RcuScenario(VariantsAnd(
    Run<SymmetricRcu>,
    Run<AsymmetricRcu>,
    Run<TwoPhaseRcu>,
    ScenarioCase.Mutant(
        "grace-periods-overlap", "the second writer does not scan a reader that stands aside for the first one", UsedAfterFree + "|waits for", Run<OverlappingRcu>)))
{
    public override string Name => "synchronize-overlap";

    public override string Summary => "the reclaimer waits for a slow reader while another reader enters and a writer replaces what that one uses";

    public override string Source => "QEMU util/rcu.c (rcu_sync_lock); races.md 5; docs/mutation.md";

    private static void Run<TVariant>()
        where TVariant : struct, IRcuVariant
    {
        using RcuDomain<TVariant> rcu = new();
        Protected current = new(); // Volatile
        RcuReader<TVariant> slow = rcu.RegisterShared(), other = rcu.RegisterShared(); // each of one thread at a time
        slow.Enter();
        rcu.CallRcu(() => { }); // the first writer is the reclaimer
        RunActors(
            ("slow reader", () =>
            {
                Thread.Yield();
                slow.Leave();
            }
        ),
            ("reader", () =>
            {
                using RcuSection<TVariant> section = other.Read();
                Protected found = Volatile.Read(ref current);
                for (int i = 0; i < 3; i++)
                {
                    Thread.Yield(); // a reader may be descheduled in its section: here a schedule need not preempt it
                }

                found.Use();
            }
        ),
            ("writer", () =>
            {
                Protected old = Volatile.Read(ref current);
                Volatile.Write(ref current, new Protected());
                rcu.Synchronize();
                old.Free();
            }
        ));
        rcu.Unregister(slow);
        rcu.Unregister(other);
    }
}
