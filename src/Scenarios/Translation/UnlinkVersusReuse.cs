using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>
/// A block to which two others jump is invalidated. One of those is relinked, to the block that replaces it, as soon as its exit is free; the
/// unlinking must still find the other one.
/// </summary>
public sealed class UnlinkVersusReuse() : LinkScenario(SoundAnd(
    TbCase.Sound(
        UnlinkReadsNextLast.Entry, UnlinkReadsNextLast.Entry.Name,
        "the replacement is translated under the page lock, which the invalidator holds while it unlinks: so it is in QEMU"),
    TbCase.Mutant(UnlinkWithoutPageLock.Entry, "is linked to the stale")))
{
    public override string Name => "unlink-vs-reuse";

    public override string Summary => "a vCPU invalidates a block with two incoming jumps while another one links one of them to its replacement";

    public override string Source => "races.md TB09, scenario 13";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        VCpu v1 = machine.Cpus[1];
        TranslationBlock stale = Block(machine, 2), first = Block(machine, 0), second = Block(machine, 1);
        Check(machine.TbAddJump(second, 0, stale) && machine.TbAddJump(first, 0, stale), "the jumps could not be linked");
        RunActors(
            ("invalidator", () => machine.TbPhysInvalidate(stale)),
            ("vcpu1", () =>
            {
                machine.CpuExecStart(v1);
                Turn(machine, v1, 2, first.Code); // its next block is the stale one, or its replacement
                Outside(machine, v1);
            }
        ));
        CheckLinks(machine);
    }
}
