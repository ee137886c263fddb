using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>The monitor drains while a vCPU stays in its section until somebody kicks it: the drain returns.</summary>
public sealed class DrainBusyReader() : RcuScenario(VariantsAnd(
    () => Run<SymmetricRcu>(),
    () => Run<AsymmetricRcu>(),
    () => Run<TwoPhaseRcu>(),
    ScenarioCase.Mutant("no-force-notifier", "nobody asks the vCPU to leave (RC05)", "waits for", () => Run<UnforcingRcu>()),
    ScenarioCase.Mutant("big-lock-held", "the callback needs the lock the drain holds", "waits for", () => Run<SymmetricRcu>(keepsLock: true))))
{
    public override string Name => "drain-busy-reader";

    public override string Summary => "a vCPU stays in its read section until it is kicked while the monitor, under the big lock, drains callbacks";

    public override string Source => "races.md RC05, scenario 60";

    private static void Run<TVariant>(bool keepsLock = false)
        where TVariant : struct, IRcuVariant
    {
        object bigLock = new();
        bool ran = false; // under bigLock
        BusyReader busy = new();
        RcuDomain<TVariant> rcu = new(bigLock);
        RunActors(
            Reader("vcpu", rcu, busy.StayInSection, onForced: busy.Kick),
            ("monitor", () =>
            {
                lock (bigLock)
                {
                    rcu.CallRcu(() => ran = true);
                    rcu.Drain(keepsLock ? null : bigLock);
                    Check(ran, "the drain returned before a callback that was queued first had run");
                }

                busy.Kick(); // the vCPU may have come after the drain
            }
        ));
        rcu.Dispose();
    }
}
