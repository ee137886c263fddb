using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Memory grows from nothing: there is no old array to copy or free, and who sees the pages sees every client's bitmap of them.</summary>
public sealed class FirstExtend() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "unconditional-free", "the old array, which is null, is freed", "NullReferenceException",
            () => Run(o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, FirstArrayGrowth>(o))),
    ]))
{
    public override string Name => "first-extend";

    public override string Summary => "the first memory is added while a thread asks for the pages there are";

    public override string Source => "races.md 2.4, scenario 49";

    private static void Run(MakeDesign make)
    {
        using IDirtyMemoryDesign design = make(OneWord with { Pages = 0 });
        RunActors(
            Actor("reader", design, memory =>
            {
                for (DirtyClient client = DirtyClient.Display; client <= DirtyClient.Migration; client += DirtyClient.Migration - DirtyClient.Display)
                {
                    var all = new PageRange(0, memory.PageCount);
                    Check(!memory.AnyDirty(all, client), $"{all.Count} new pages are dirty for {client}: its bitmap was not published before them");
                }
            }),
            ("grower", () => design.Extend(64)));
        design.ReclaimDropped();
    }
}
