using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Exclusive;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU is plugged in while another one invalidates and a debugger flushes: both walk the list of vCPUs.</summary>
/// <remarks>Invariant: whoever is on the list is complete, and the new vCPU finds no stale block.</remarks>
public sealed class HotAddVersusFlush() : TbScenario(
    TbCase.Mutant(PublishedBeforeRealized.Entry, "NullReferenceException"),
    TbCase.Sound("per-cpu-flag", "realized, then published"),
    TbCase.Sound("valid-marker", "realized, then published"),
    TbCase.Sound("exclusive-flush", "realized, then published"))
{
    public override string Name => "hot-add-vs-flush";

    public override string Summary => "a vCPU is plugged in while others walk the list of vCPUs to invalidate and to flush";

    public override string Source => "races.md TB19, scenario 6";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { Cpus = 1, MaxCpus = 2 });
        Block(machine, 0);
        RunActors(
            ("main", () =>
            {
                VCpu added = machine.AddCpu(Pc(0));
                machine.CpuExecStart(added);
                TbCode? code = Turn(machine, added, 0);
                Check(code is null or { Ops.Length: 1, Pc: GuestCode.Start }, $"the new vCPU found {code}");
                Outside(machine, added);
            }
        ),
            ("monitor", () => machine.TbPhysInvalidate(Pc(0))),
            ("debugger", machine.TbFlush));
        VCpu last = machine.Cpus[^1];
        TbCode? cached = last.JumpCache.Probe(Pc(0));
        Check(
            cached == null || cached.Slot.Generation == cached.Generation,
            $"the jump cache of the new vCPU holds {cached}, whose slot was handed out again");
    }
}
