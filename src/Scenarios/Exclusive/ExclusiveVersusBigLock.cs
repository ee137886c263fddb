using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Exclusive;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>
/// A vCPU does safe work that needs the big lock, another one needs it to come out of its execution, and the main thread holds it to plug a vCPU in.
/// </summary>
/// <remarks>Invariant: no deadlock, which takes that nobody enters, or waits for, an exclusive section with the big lock held.</remarks>
public sealed class ExclusiveVersusBigLock() : ExclusiveScenario(
    TbCase.Mutant(PlugInWaitsForSection.Entry, "waits for"),
    TbCase.Mutant(BigLockHeldInSafeWork.Entry, "waits for"),
    TbCase.Sound("exclusive-flush", "safe work gives the big lock up first, and plugging in waits for nobody"))
{
    public override string Name => "exclusive-vs-big-lock";

    public override string Summary => "safe work, a device access and a hot-add, all of which need the big lock";

    public override string Source => "races.md TB23, scenario 28";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { MaxCpus = 3 });
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        machine.AsyncSafeRunOnCpu(v0, _ =>
        {
            if (!machine.BigLock.IsHeld)
            {
                WithBigLock(machine, () => { });
            }
        });
        RunActors(
            ("vcpu0", () => machine.ProcessQueuedWork(v0)),
            ("vcpu1", () =>
            {
                machine.CpuExecStart(v1);
                WithBigLock(machine, () => { });
                Outside(machine, v1);
            }
        ),
            ("main", () => WithBigLock(machine, () => machine.AddCpu(Pc(0)))));
        Check(machine.Cpus.Count == 3, $"there are {machine.Cpus.Count} vCPUs instead of 3");
    }

    private static void WithBigLock(Machine machine, Action access)
    {
        machine.BigLock.Enter();
        access();
        machine.BigLock.Exit();
    }
}
