using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU translates a page while another one, which runs elsewhere, stores into it.</summary>
public sealed class TranslateVersusStore() : StoreScenario(
    TbCase.Mutant(PageMarkedAfterReading.Entry, "is stale"),
    TbCase.Sound("per-cpu-flag", "the page is marked before its bytes are read, and a store looks for the mark after it was done"),
    TbCase.Sound("exclusive-flush", "the page is marked before its bytes are read, and a store looks for the mark after it was done"))
{
    private static GuestImage Guest { get; } = GuestCode.Image(
    [
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall,
        .. new uint[1021],
        GuestCode.Jump(4),
    ]);

    public override string Name => "translate-vs-store";

    public override string Summary => "a vCPU translates a block while another one stores into its page";

    public override string Source => "races.md TB13, TB15, scenario 17";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { RamSize = 2 * GuestRam.PageSize });
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        (v1.X[GuestCode.A1], v1.X[GuestCode.A2]) = (GuestCode.Jump(8), GuestCode.Start + GuestRam.PageSize);
        RunActors(
            ("vcpu0", () =>
            {
                machine.CpuExecStart(v0);
                Turn(machine, v0, 1024);
                Outside(machine, v0);
            }
        ),
            ("vcpu1", () => machine.CpuExec(1)));
        CheckFresh(machine);
    }
}
