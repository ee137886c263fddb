using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Work;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>A debugger's flush asks a vCPU to leave its code, and a monitor asks it to leave its loop for work: the greater request wins.</summary>
/// <remarks>
/// Invariant: the work is done, and the monitor wakes, though the guest loops for ever.
/// Found missing by <c>verify mutate</c>: elsewhere one kind of request is made at a time.
/// </remarks>
public sealed class KickVersusKick() : ExclusiveScenario(
    TbCase.Mutant(KickedBeforeQueued.Entry, "nobody gets any further"),
    TbCase.Sound("per-cpu-flag", "the lesser request is made only where there is none, and only itself is taken back"),
    TbCase.Sound("flush-counter", "the lesser request is made only where there is none, and only itself is taken back"),
    TbCase.Sound("exclusive-flush", "both ask the vCPU to leave its loop"))
{
    private const uint Pause = 0x0100000f; // gives way, so that a schedule need not preempt the loop

    private static GuestImage Guest { get; } = GuestCode.Image(Pause, GuestCode.Jump(-4));

    public override string Name => "kick-vs-kick";

    public override string Summary => "a debugger flushes while a monitor waits for work on a vCPU whose guest loops for ever";

    public override string Source => "QEMU cpu_exit beside tb_flush of 2.7 (races.md TB01); docs/mutation.md";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { Cpus = 1 });
        int done = 0; // Interlocked
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("debugger", machine.TbFlush),
            ("monitor", () =>
            {
                machine.RunOnCpu(machine.Cpus[0], _ => Interlocked.Increment(ref done));
                machine.RequestStop();
            }
        ));
        Check(done == 1, $"the work was done {done} times");
    }
}
