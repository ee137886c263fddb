using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>One vCPU links a jump from a block that another one invalidates: no list may end up with a dead origin on it.</summary>
public sealed class LinkVersusInvalidOrigin() : LinkScenario(SoundAnd(
    TbCase.Mutant(OriginNotMarkedDying.Entry, "the dead")))
{
    public override string Name => "link-vs-invalid-origin";

    public override string Summary => "a vCPU links a jump from a block while another one invalidates the block";

    public override string Source => "races.md TB08, scenario 10";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        (TranslationBlock origin, TranslationBlock destination) = (Block(machine, 0), Block(machine, 1));
        RunActors(
            ("linker", () => machine.TbAddJump(origin, 0, destination)),
            ("invalidator", () => machine.TbPhysInvalidate(origin)));
        CheckLinks(machine);
    }
}
