using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Exclusive;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>A vCPU starts an exclusive section inside one of its own; exclusivity lasts until the outer one ends.</summary>
public sealed class ExclusiveNested() : ExclusiveScenario(
    TbCase.Mutant(SectionsNotCounted.Entry, "vcpu0 waits for"),
    TbCase.Sound("exclusive-flush", "an inner section is only counted"))
{
    public override string Name => "exclusive-nested";

    public override string Summary => "a vCPU nests two exclusive sections while another one executes";

    public override string Source => "races.md TB24, scenario 29";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        Inside inside = new();
        RunActors(
            ("vcpu0", () =>
            {
                machine.StartExclusive(v0);
                inside.StartExclusive();
                machine.StartExclusive(v0);
                machine.EndExclusive(v0);
                inside.EndExclusive();
                machine.EndExclusive(v0);
            }
        ),
            ("vcpu1", () => Execute(machine, v1, inside)));
    }
}
