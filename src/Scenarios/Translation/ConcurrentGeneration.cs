using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>Two vCPUs translate the same pc: one block is published, and the other one leaves no trace.</summary>
public sealed class ConcurrentGeneration() : TbScenario(
    TbCase.Mutant(PublishedUnchecked.Entry, "ran different blocks"),
    TbCase.Mutant(LoserLeftOnPage.Entry, "blocks instead of 1"),
    TbCase.Sound("per-cpu-flag", "look-up and generation are one critical section"),
    TbCase.Sound("valid-marker", "look-up and generation are one critical section"),
    TbCase.Sound("exclusive-flush", "inserting looks for an equal block first, and the loser is taken back"))
{
    public override string Name => "concurrent-generation";

    public override string Summary => "two vCPUs translate the same block at the same time";

    public override string Source => "races.md TB18, scenario 26";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        TbCode?[] found = new TbCode?[2];
        RunActors(
            ("vcpu0", () => found[0] = Translate(machine, machine.Cpus[0])),
            ("vcpu1", () => found[1] = Translate(machine, machine.Cpus[1])));
        Check(found[0] == found[1] && found[0] != null, $"the vCPUs ran different blocks: {found[0]} and {found[1]}");
        IReadOnlyList<TranslationBlock> onPage = machine.Tb.Pages.BlocksOn(0);
        Check(onPage.Count == 1, $"the page lists {onPage.Count} blocks instead of 1: {string.Join(", ", onPage)}");
        Check(machine.Tb.Arena.FindCode(found[0]!.Position) == found[0], $"the position of {found[0]} leads to another block");
    }

    private static TbCode? Translate(Machine machine, VCpu cpu)
    {
        machine.CpuExecStart(cpu);
        TbCode? code = Turn(machine, cpu, 0);
        Outside(machine, cpu);
        return code;
    }
}
