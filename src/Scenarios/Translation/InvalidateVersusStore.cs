using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Invalidation;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU's store into a translated block takes the slow path and invalidates it; another vCPU translates the block again.</summary>
public sealed class InvalidateVersusStore() : StoreScenario(
    TbCase.Mutant(InvalidatedBeforeStore.Entry, "is stale"),
    TbCase.Sound("per-cpu-flag", "the store is done before blocks are looked for: who translated from the old bytes is found"),
    TbCase.Sound("flush-counter", "the store is done before blocks are looked for: who translated from the old bytes is found"),
    TbCase.Sound("exclusive-flush", "the store is done before blocks are looked for: who translated from the old bytes is found"))
{
    private static GuestImage Guest { get; } = GuestCode.Image(
    [
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall,
        .. new uint[1021],
        GuestCode.Jump(4),
    ]);

    public override string Name => "invalidate-vs-store";

    public override string Summary => "a vCPU's store invalidates a block while another one translates it again";

    public override string Source => "races.md TB14, scenario 18";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { RamSize = 2 * GuestRam.PageSize });
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        Block(machine, 1024);
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
