using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU finds a block that another one is publishing, faults in it, and restores its state from the host position of the fault.</summary>
public sealed class RestoreStateRace() : TbScenario(
    TbCase.Mutant(PublishedBeforeRegistered.Entry, "could not restore"),
    TbCase.Sound("per-cpu-flag", "publication is one critical section"),
    TbCase.Sound("exclusive-flush", "a block is known by its host position before the hash leads to it"))
{
    public override string Name => "restore-state-race";

    public override string Summary => "a vCPU faults in a block that another vCPU is publishing";

    public override string Source => "races.md TB18, scenario 25";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        RunActors(
            ("vcpu0", () => Fault(machine, machine.Cpus[0])),
            ("vcpu1", () => Fault(machine, machine.Cpus[1])));
    }

    private static void Fault(Machine machine, VCpu cpu)
    {
        machine.CpuExecStart(cpu);
        if (Turn(machine, cpu, Blocks - 1) is { } code)
        {
            Check(machine.CpuRestoreState(cpu, code.Position + 1), $"vCPU {cpu.Index} could not restore its state inside {code}");
            Check(cpu.Pc == code.Pc + 4, $"vCPU {cpu.Index} restored pc 0x{cpu.Pc:x} instead of 0x{code.Pc + 4:x}");
        }

        Outside(machine, cpu);
    }
}
