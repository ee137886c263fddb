using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Strategies;

namespace Verify.Scenarios.Translation;

/// <summary>A hart runs through its blocks, chaining each to the next, while a debugger flushes. Where may a vCPU clear its own flag?</summary>
public sealed class PerCpuFlagClear() : TbScenario(
    TbCase.Mutant(FlagClearedByLookup.Entry, "patches a recycled block"),
    TbCase.Mutant(FlagClearedAfterCode.Entry, "patches a recycled block"),
    TbCase.Sound("per-cpu-flag", "cleared where there is no last block, and when consumed"))
{
    public override string Name => "per-cpu-flag-clear";

    public override string Summary => "a vCPU chains its blocks and clears its own flag, while a debugger flushes";

    public override string Source => "races.md TB02, scenario 5";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { Cpus = 1 });
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("debugger", machine.TbFlush));
        Check(machine.Cpus[0].Instructions == Blocks + 1, $"the hart ran {machine.Cpus[0].Instructions} instructions instead of {Blocks + 1}");
    }
}
