using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Strategies;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU generates a temporary block beside an original, and another one fills the arena and flushes.</summary>
/// <remarks>
/// Two invariants: an original that is kept was not flushed while the temporary block was generated (TB26), and the block that ran before it is linked
/// only if it was not flushed at all. A flush before the generation is not for the first to notice (races.md 2.3, U2).
/// </remarks>
public sealed class NoCacheOrigin() : TbScenario(
    TbCase.Refuted("global-flag", "the other vCPU's flush does not set the flag (TB01 d)", "patches a recycled block"),
    TbCase.Mutant(FlagRestoredUnlocked.Entry, "patches a recycled block"),
    TbCase.Mutant(OriginNotTested.Entry, "keeps a flushed original"),
    TbCase.Sound("per-cpu-flag", "saving, testing and restoring the flag is one critical section"),
    TbCase.Sound("flush-counter", "the count is compared in the critical section that generates"),
    TbCase.Sound("valid-marker", "a flush marks the original, and its slot stays"),
    TbCase.Sound("exclusive-flush", "a vCPU that must let a flush happen lets go of the original first"))
{
    public override string Name => "nocache-origin";

    public override string Summary => "a vCPU runs a temporary block and goes on with its original and its last block, while another one flushes";

    public override string Source => "races.md TB01 d, TB02, TB26, scenario 4";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { TbCapacity = 2 });
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        RunActors(
            ("vcpu0", () =>
            {
                machine.CpuExecStart(v0);
                TbCode? last = Turn(machine, v0, 0);
                TranslationBlock? origin = last == null ? null : machine.CpuExecNoCache(v0, 1, last.Slot);
                Turn(machine, v0, 1, origin == null ? null : last); // who has lost the original has nothing left from before
                Outside(machine, v0);
            }
        ),
            ("vcpu1", () =>
            {
                machine.CpuExecStart(v1);
                Turn(machine, v1, 2);
                machine.TbFlush(v1);
                Outside(machine, v1);
            }
        ));
    }
}
