using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Strategies;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU flushes while it holds its last block, and must see that itself, whatever the other vCPU looks up meanwhile.</summary>
public sealed class FlagResetByLookup() : TbScenario(
    TbCase.Refuted("global-flag", "a flush does not set the flag, and every slow lookup resets it (TB01)", "patches a recycled block"),
    TbCase.Mutant(GlobalFlagSetByFlush.Entry, "patches a recycled block"),
    TbCase.Sound("per-cpu-flag", "only the owner resets its flag, and not in a lookup"),
    TbCase.Sound("flush-counter", "a lookup does not change the count"),
    TbCase.Sound("valid-marker", "a lookup does not take a mark away"),
    TbCase.Sound("exclusive-flush", "the flush waits until the vCPU holds nothing"))
{
    public override string Name => "flag-reset-by-lookup";

    public override string Summary => "a vCPU flushes between running a block and chaining it, while another vCPU looks up another block";

    public override string Source => "races.md TB01, scenario 2";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        RunActors(
            ("vcpu0", () =>
            {
                machine.CpuExecStart(v0);
                TbCode? last = Turn(machine, v0, 0);
                machine.TbFlush(v0);
                Turn(machine, v0, 1, last);
                Outside(machine, v0);
            }
        ),
            ("vcpu1", () =>
            {
                machine.CpuExecStart(v1);
                Turn(machine, v1, 2);
                Outside(machine, v1);
            }
        ));
    }
}
