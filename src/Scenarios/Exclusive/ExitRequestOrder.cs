using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Work;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>A thread queues work and kicks the vCPU; the vCPU, out of its loop for another reason, takes the kick back and looks for work.</summary>
/// <remarks>Invariant: the work is done, or the vCPU is still asked to come out for it.</remarks>
public sealed class ExitRequestOrder() : ExclusiveScenario(
    TbCase.Mutant(KickedBeforeQueued.Entry, "nobody asks the vCPU"),
    TbCase.Mutant(RequestTakenUnordered.Entry, "nobody asks the vCPU", MemoryModelName.Tso),
    TbCase.Sound("exclusive-flush", "work, then kick; and on the other side kick, barrier, work"),
    TbCase.Sound("per-cpu-flag", "work, then kick; and on the other side kick, barrier, work"))
{
    public override string Name => "exit-request-order";

    public override string Summary => "a vCPU takes a request to come out back while somebody queues work for it";

    public override string Source => "races.md scenario 31, QEMU cpu_exit and cpu_handle_interrupt";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { Cpus = 1 });
        VCpu v0 = machine.Cpus[0];
        int done = 0;
        RunActors(
            ("vcpu0", () => machine.ProcessQueuedWork(v0)),
            ("monitor", () => machine.AsyncRunOnCpu(v0, _ => Interlocked.Increment(ref done))));
        Check(done == 1 || v0.IsKicked, "the work is in the queue, and nobody asks the vCPU to come out for it");
    }
}
