using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>Two vCPUs link the same exit to different blocks: one wins, and slot, list and branch agree about which.</summary>
public sealed class LinkVersusLink() : LinkScenario(SoundAnd(
    TbCase.Mutant(ClaimedByPlainStore.Entry, "times on the list")))
{
    public override string Name => "link-vs-link";

    public override string Summary => "two vCPUs link the same exit of a block to two blocks";

    public override string Source => "races.md TB07, scenario 11";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        (TranslationBlock origin, TranslationBlock first, TranslationBlock second) = (Block(machine, 0), Block(machine, 1), Block(machine, 2));
        RunActors(
            ("vcpu0", () => machine.TbAddJump(origin, 0, first)),
            ("vcpu1", () => machine.TbAddJump(origin, 0, second)));
        CheckLinks(machine);
    }
}
