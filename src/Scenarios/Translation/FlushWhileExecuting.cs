using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU is inside generated code, where it holds no lock, while a debugger flushes and another vCPU translates over the slots.</summary>
/// <remarks>Invariant: the slot of a block that executes is not handed out again (<see cref="ExecutionAudit"/>). What decides is not the strategy.</remarks>
public sealed class FlushWhileExecuting() : TbScenario(
    TbCase.Refuted("global-flag", NotExclusive, EitherOutcome),
    TbCase.Refuted("per-cpu-flag", NotExclusive, Outcome),
    TbCase.Refuted("flush-counter", NotExclusive, Outcome),
    TbCase.Refuted("valid-marker/under-lock/recycled", NotExclusive, EitherOutcome),
    TbCase.Sound("valid-marker", "the slot waits until the vCPU has been in its main loop"),
    TbCase.Sound("per-cpu-flag/under-lock/grace", "the slot waits until the vCPU has been in its main loop"),
    TbCase.Sound("flush-counter/exclusive/recycled", "no vCPU is inside its loop during the flush"),
    TbCase.Sound("exclusive-flush", "no vCPU is inside its loop during the flush"))
{
    private const string NotExclusive = "the flush excludes those who take TbLock, not those who execute (TB05)";
    private const string Outcome = "executes a recycled block";
    private const string EitherOutcome = "a recycled block"; // these two may patch one before they execute one (TB01, TB04)

    private static GuestImage Guest { get; } = GuestCode.Image(
        GuestCode.Jump(4), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall, GuestCode.Jump(4));

    public override string Name => "flush-while-executing";

    public override string Summary => "a vCPU executes while a debugger flushes and another vCPU translates";

    public override string Source => "races.md TB05, scenario 7";

    /// <inheritdoc/>
    public override ScenarioVariant VariantOf(InvalidationEntry design) => design.MayExecuteRecycled
        ? new ScenarioVariant(design.Name, ExpectedVerdict.Racy, NotExclusive, Outcome: Outcome)
        : base.VariantOf(design);

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, ExecutionAudit>(Guest, Small);
        VCpu v1 = machine.Cpus[1];
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("vcpu1", () =>
            {
                machine.TbFlush();
                machine.CpuExecStart(v1);
                Turn(machine, v1, 3);
                Outside(machine, v1);
            }
        ));
    }
}
