using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Memory grows while a page of the old memory is set: the bit is there afterwards.</summary>
public sealed class GrowVersusSet() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "copy-bits", "the new array holds copies of the blocks, and the setter had opened the old one (DM06)", Lost,
            () => Run(o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, CopiedBlockGrowth>(o))),
    ]))
{
    private const string Lost = "was set while memory grew and is clean";

    public override string Name => "grow-vs-set";

    public override string Summary => "a thread sets a page while another one adds memory";

    public override string Source => "races.md DM06, scenario 46";

    private static void Run(MakeDesign make)
    {
        const long Set = 5;
        using IDirtyMemoryDesign design = make(OneWord with { MaxPages = 128, Clients = DirtyClients.Migration });
        RunActors(
            Actor("setter", design, memory => memory.SetDirty(Set, DirtyClient.Migration)),
            ("grower", () => design.Extend(128)));
        Use(design, memory =>
        {
            Check(memory.GetDirty(Set, DirtyClient.Migration), $"page {Set} {Lost}");
            Check(!memory.GetDirty(64, DirtyClient.Migration), "page 64 is new and dirty");
        });
    }
}
