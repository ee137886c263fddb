using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Work;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>Two threads have a vCPU do something and wait for it, while its guest comes to its end.</summary>
/// <remarks>
/// Invariant: the work is done once each, by the vCPU or, once its thread has ended, in its place; and both wake.
/// Found missing by <c>verify mutate</c>: elsewhere the vCPU looks for work as long as there is any.
/// </remarks>
public sealed class WorkVersusExit() : ExclusiveScenario(
    TbCase.Mutant(ClosedQueueIgnored.Entry, "waits for"),
    TbCase.Sound("exclusive-flush", "the queue is closed under its lock, when it is empty"),
    TbCase.Sound("per-cpu-flag", "the queue is closed under its lock, when it is empty"))
{
    private static GuestImage Guest { get; } = GuestCode.Image(GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    public override string Name => "work-vs-exit";

    public override string Summary => "two monitors wait for work they queue on a vCPU whose guest ends";

    public override string Source => "races.md 3.6, scenario 30, with the vCPU's end; docs/mutation.md";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { Cpus = 1 });
        VCpu v0 = machine.Cpus[0];
        int done = 0; // Interlocked
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("monitor 0", () => machine.RunOnCpu(v0, _ => Interlocked.Increment(ref done))),
            ("monitor 1", () => machine.RunOnCpu(v0, _ => Interlocked.Increment(ref done))));
        Check(done == 2, $"the work of two threads was done {done} times");
        Check(v0.ExitCode == 0, $"the hart exited with {v0.ExitCode}");
    }
}
