using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>Two vCPUs translate blocks of one page, and the code buffer runs full with the page's lock held.</summary>
/// <remarks>Invariant: no lock is leaked and none released twice, so both get their blocks.</remarks>
public sealed class OverflowRestart() : TbScenario(
    TbCase.Mutant(LocksKeptOnOverflow.Entry, "still holds lock"),
    TbCase.Mutant(LocksReleasedTwice.Entry, "SynchronizationLockException"),
    TbCase.Sound("per-cpu-flag", "the set of locks forgets what it releases"),
    TbCase.Sound("exclusive-flush", "the set of locks forgets what it releases"))
{
    public override string Name => "overflow-restart";

    public override string Summary => "two vCPUs translate until the code buffer is full, flush and start again";

    public override string Source => "races.md TB17, scenario 22";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design, Small with { CodeCapacity = 2 });
        Block(machine, 0);
        RunActors(
            ("vcpu0", () => Translate(machine, machine.Cpus[0], 1)),
            ("vcpu1", () => Translate(machine, machine.Cpus[1], 2)));
        machine.TbPhysInvalidate(Pc(1)); // needs the page's lock
        Check(machine.FlushCount == 1, $"there were {machine.FlushCount} flushes instead of 1");
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
