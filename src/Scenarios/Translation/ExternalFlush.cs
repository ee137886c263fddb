using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Strategies;

namespace Verify.Scenarios.Translation;

/// <summary>A thread that is no vCPU flushes, a debugger say, while vCPUs hold the blocks they ran last.</summary>
public sealed class ExternalFlush() : TbScenario(
    TbCase.Refuted("global-flag", "tb_flush itself does not set the flag (TB01)", "patches a recycled block"),
    TbCase.Mutant(GlobalFlagConsumedOnce.Entry, "patches a recycled block"),
    TbCase.Sound("per-cpu-flag", "a flush sets the flag of every vCPU"),
    TbCase.Sound("flush-counter", "every flush counts"),
    TbCase.Sound("valid-marker", "a flush marks every block, and no slot is handed out again while its mark is needed"),
    TbCase.Sound("exclusive-flush", "the flush waits until no vCPU holds a block"))
{
    public override string Name => "external-flush";

    public override string Summary => "a debugger flushes while two vCPUs chain blocks";

    public override string Source => "races.md TB01 b, scenario 3";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        RunActors(
            ("vcpu0", () => Chain(machine, machine.Cpus[0], 0)),
            ("vcpu1", () => Chain(machine, machine.Cpus[1], 2)),
            ("debugger", machine.TbFlush));
    }

    private static void Chain(Machine machine, VCpu cpu, int block)
    {
        machine.CpuExecStart(cpu);
        TbCode? last = Turn(machine, cpu, block);
        Turn(machine, cpu, block + 1, last);
        Outside(machine, cpu);
    }
}
