using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Work;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>A thread has a vCPU do something and waits for it.</summary>
/// <remarks>Invariant: the work is done once, and the thread wakes.</remarks>
public sealed class RunOnCpuWakeup() : ExclusiveScenario(
    TbCase.Mutant(WokenBeforeDone.Entry, "monitor waits for"),
    TbCase.Mutant(KickedBeforeQueued.Entry, "nobody gets any further"),
    TbCase.Sound("exclusive-flush", "done is set, then the waiter is woken, under the lock it tests under"),
    TbCase.Sound("per-cpu-flag", "done is set, then the waiter is woken, under the lock it tests under"))
{
    public override string Name => "run-on-cpu-wakeup";

    public override string Summary => "a monitor waits for work it has queued on a vCPU";

    public override string Source => "races.md 3.6, scenario 30";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { Cpus = 1 });
        VCpu v0 = machine.Cpus[0];
        int done = 0;
        RunActors(
            ("vcpu0", () =>
            {
                while (Volatile.Read(ref done) == 0)
                {
                    while (!v0.IsKicked)
                    {
                        Thread.Yield(); // it runs its guest, and comes out when it is asked to
                    }

                    machine.ProcessQueuedWork(v0);
                }
            }
        ),
            ("monitor", () => machine.RunOnCpu(v0, _ => Interlocked.Increment(ref done))));
        Check(done == 1, $"the work was done {done} times");
    }
}
