using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Exclusive;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>An exclusive section announces itself and looks for running vCPUs; a vCPU announces that it runs and looks for a section.</summary>
/// <remarks>Dekker's pattern: under sequential consistency it needs no fence, under total store order it needs both.</remarks>
public sealed class ExclusiveDekker() : ExclusiveScenario(
    // Without either fence the section may also wait for a vCPU that did not see it waiting.
    TbCase.Mutant(NoFenceBeforeScan.Entry, Outcome + "|waits for", MemoryModelName.Tso),
    TbCase.Mutant(NoFenceAfterRunning.Entry, Outcome + "|waits for", MemoryModelName.Tso),
    TbCase.Sound("exclusive-flush", "a full fence on both sides"),
    TbCase.Sound("per-cpu-flag", "a full fence on both sides"))
{
    private const string Outcome = "executes inside an exclusive section";

    public override string Name => "exclusive-dekker";

    public override string Summary => "a vCPU starts to execute while another thread enters an exclusive section";

    public override string Source => "races.md TB22, scenario 27";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { Cpus = 1 });
        Inside inside = new();
        RunActors(
            ("vcpu0", () => Execute(machine, machine.Cpus[0], inside)),
            ("debugger", () =>
            {
                machine.StartExclusive(null);
                inside.StartExclusive();
                inside.EndExclusive();
                machine.EndExclusive(null);
            }
        ));
    }
}
