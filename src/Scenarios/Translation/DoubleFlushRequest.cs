using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Exclusive;

namespace Verify.Scenarios.Translation;

/// <summary>Two vCPUs find the arena full and both ask for a flush. One flush serves both: what was translated after it survives.</summary>
public sealed class DoubleFlushRequest() : TbScenario(
    TbCase.Mutant(EveryRequestFlushes.Entry, "flushes instead of 1"),
    TbCase.Sound("exclusive-flush", "the request carries the count of flushes and is void once that has moved"),
    TbCase.Sound("per-cpu-flag/exclusive/recycled", "the request carries the count of flushes and is void once that has moved"))
{
    public override string Name => "double-flush-request";

    public override string Summary => "two vCPUs out of space ask for a flush each, and each goes on to translate its block";

    public override string Source => "races.md TB06, scenario 8";

    /// <inheritdoc/>
    public override bool AppliesTo(InvalidationEntry design) => design.Flush == FlushDiscipline.Exclusive;

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { TbCapacity = 2 });
        Block(machine, 0);
        Block(machine, 1);
        RunActors(
            ("vcpu0", () => Translate(machine, machine.Cpus[0], 2)),
            ("vcpu1", () => Translate(machine, machine.Cpus[1], 3)));
        Check(machine.FlushCount == 1, $"there were {machine.FlushCount} flushes instead of 1");
        Check(machine.Tb.Arena.LiveCount == 2, $"{machine.Tb.Arena.LiveCount} fresh blocks survived instead of 2");
    }

    private static void Translate(Machine machine, VCpu cpu, int block)
    {
        TbCode? code;
        do
        {
            machine.CpuExecStart(cpu);
            code = Turn(machine, cpu, block);
            Outside(machine, cpu);
        }
        while (code == null);
    }
}
