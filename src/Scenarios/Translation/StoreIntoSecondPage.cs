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

    public override void Run(InvalidationEntry design) => TurnWhileStored(design, Guest, BlockOfSecondPage - 1, blocksSpanPages: true);
}
