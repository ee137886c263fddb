using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Invalidation;

namespace Verify.Scenarios.Translation;

/// <summary>A hart runs a block that replaces one of its own instructions, further on, before it gets there; another hart runs the same block.</summary>
/// <remarks>
/// Invariant: the storing hart runs the new instruction, which gives it exit code 2 instead of 1. The other one stores beside the block; it may run either
/// instruction. Were it to store into the block too, after the block was invalidated, it would not be stopped: see docs/findings.md.
/// </remarks>
public sealed class PreciseSelfModification() : StoreScenario(
    TbCase.Mutant(StaleBlockContinued.Entry, "exited with 1"),
    TbCase.Mutant(LocksKeptOnLeaving.Entry, "still holds lock"),
    TbCase.Sound("per-cpu-flag", "the block is left right after the store, with no lock held"),
    TbCase.Sound("exclusive-flush", "the block is left right after the store, with no lock held"))
{
    private static GuestImage Guest { get; } = GuestCode.Image(
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2, 8), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit),
        GuestCode.AddImmediate(GuestCode.A0, 0, 1), GuestCode.Ecall);

    public override string Name => "precise-self-modification";

    public override string Summary => "a vCPU runs a block that stores into itself, while another one runs it too";

    public override string Source => "races.md TB28, scenario 24";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small);
        for (int i = 0; i < 2; i++)
        {
            ulong[] x = machine.Cpus[i].X;
            (x[GuestCode.A1], x[GuestCode.A2]) = (GuestCode.AddImmediate(GuestCode.A0, 0, 2), GuestCode.Start + (256 * (ulong)i));
        }

        VCpu v0 = machine.Cpus[0];

        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("vcpu1", () => machine.CpuExec(1)));
        Check(v0.ExitCode == 2, $"the hart exited with {v0.ExitCode} instead of 2");
        CheckFresh(machine);
    }
}
