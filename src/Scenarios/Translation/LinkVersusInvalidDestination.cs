using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>One vCPU links a jump to a block that another one invalidates: after the invalidation has returned no jump leads there.</summary>
public sealed class LinkVersusInvalidDestination() : LinkScenario(SoundAnd(
    TbCase.Mutant(MarkTestedBeforeLock.Entry, "is linked to the stale"),
    TbCase.Mutant(MarkNotTested.Entry, "is linked to the stale"),
    TbCase.Mutant(UnlinkedBeforeMark.Entry, "is linked to the stale")))
{
    public override string Name => "link-vs-invalid-destination";

    public override string Summary => "a vCPU links a jump to a block while another one invalidates the block";

    public override string Source => "races.md TB07, scenario 9";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        (TranslationBlock origin, TranslationBlock destination) = (Block(machine, 0), Block(machine, 1));
        RunActors(
            ("linker", () => machine.TbAddJump(origin, 0, destination)),
            ("invalidator", () => machine.TbPhysInvalidate(destination)));
        CheckLinks(machine);
    }
}
