using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU translates a block that begins at the end of one page, while another one stores into the page it goes on to.</summary>
public sealed class StoreIntoSecondPage() : StoreScenario(
    TbCase.Mutant(SecondPageNotRecorded.Entry, "is stale"),
    TbCase.Sound("per-cpu-flag", "the block is on the lists of both its pages"),
    TbCase.Sound("exclusive-flush", "the block is on the lists of both its pages"))
{
    private static GuestImage Guest { get; } = GuestCode.Image(
    [
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall,
        .. new uint[1020],
        GuestCode.AddImmediate(GuestCode.A0, 0, 1), GuestCode.Jump(4),
    ]);

    public override string Name => "store-into-second-page";

    public override string Summary => "a vCPU translates a block on two pages while another one stores into the second";

    public override string Source => "races.md TB16, scenario 19";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(
            Guest, Small with { RamSize = 2 * GuestRam.PageSize, BlocksSpanPages = true });
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        (v1.X[GuestCode.A1], v1.X[GuestCode.A2]) = (GuestCode.Jump(8), GuestCode.Start + GuestRam.PageSize);
        RunActors(
            ("vcpu0", () =>
            {
                machine.CpuExecStart(v0);
                Turn(machine, v0, 1023);
                Outside(machine, v0);
            }
        ),
            ("vcpu1", () => machine.CpuExec(1)));
        CheckFresh(machine);
    }
}
