using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two blocks of RAM are added at once while a page of the old memory is set: memory ends as large as the larger, and nothing is lost.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: elsewhere one thread makes memory grow.</remarks>
public sealed class GrowTwice() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "copy-bits", "the new array holds copies of the blocks, and the setter had opened the old one (DM06)", Lost,
            () => Run(o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, CopiedBlockGrowth>(o))),
    ]))
{
    private const string Lost = "was set while memory grew and is clean";

    public override string Name => "grow-twice";

    public override string Summary => "two threads make memory grow, to 128 and to 192 pages, while a third one sets a page";

    public override string Source => "races.md DM05, DM06; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Set = 5, Last = 191;
        using IDirtyMemoryDesign design = make(OneWord with { MaxPages = 192, Clients = DirtyClients.Migration });
        RunActors(
            ("grower 0", () => design.Extend(128)),
            ("grower 1", () => design.Extend(Last + 1)),
            Actor("setter", design, memory => memory.SetDirty(Set, DirtyClient.Migration)));
        Check(design.PageCount == Last + 1, $"{design.PageCount} pages instead of {Last + 1}");
        Use(design, memory =>
        {
            Check(memory.GetDirty(Set, DirtyClient.Migration), $"page {Set} {Lost}");
            Check(!memory.AnyDirty(new PageRange(64, 128), DirtyClient.Migration), "a new page is dirty");
            memory.SetDirty(Last, DirtyClient.Migration);
            Check(memory.GetDirty(Last, DirtyClient.Migration), $"page {Last} was set and is clean");
        });
    }
}
