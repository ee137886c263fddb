using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Exclusive;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU executes one instruction in an exclusive section, while a debugger flushes and another vCPU translates into the freed slot.</summary>
/// <remarks>CVE-2020-24165. Invariant: what executes is what was looked up (<see cref="ExecutionAudit"/>).</remarks>
public sealed class StepAtomicStaleTb() : TbScenario(
    TbCase.Mutant(FoundBeforeExclusive.Entry, "executes a recycled block"),
    TbCase.Sound("exclusive-flush", "the block is looked up inside the exclusive section"),
    TbCase.Sound("per-cpu-flag/exclusive/recycled", "the block is looked up inside the exclusive section"))
{
    private static GuestImage Guest { get; } = GuestCode.Image(GuestCode.AddImmediate(GuestCode.A1, 0, 7), GuestCode.Jump(4), GuestCode.Jump(4));

    public override string Name => "step-atomic-stale-tb";

    public override string Summary => "a vCPU steps one instruction atomically while a debugger flushes and another vCPU translates";

    public override string Source => "races.md TB12, scenario 16";

    /// <inheritdoc/>
    public override bool AppliesTo(InvalidationEntry design) => design.Flush == FlushDiscipline.Exclusive;

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, ExecutionAudit>(Guest, Small);
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        v0.Pc = Pc(0);
        RunActors(
            ("vcpu0", () => machine.CpuExecStepAtomic(v0)),
            ("debugger", machine.TbFlush),
            ("vcpu1", () =>
            {
                machine.CpuExecStart(v1);
                Turn(machine, v1, 2);
                Outside(machine, v1);
            }
        ));
        Check(v0.X[GuestCode.A1] == 7 && v0.Pc == Pc(1), $"the step left a1 = {v0.X[GuestCode.A1]} and pc = 0x{v0.Pc:x}");
    }
}
