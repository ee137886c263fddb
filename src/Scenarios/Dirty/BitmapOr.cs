using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two setters and a clearer of three pages whose bits, or bytes, share a word: no set and no clear is lost.</summary>
public sealed class BitmapOr() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "plain-or", "a set is a load, an or and a store (DM02)", Lost, () => Run(o => new ClientBitmapsDirtyMemory<PlainOrBits>(o))),
        ScenarioCase.Mutant(
            "plain-clear", "a clear is a load, an and-not and a store (DM02)", Lost,
            () => Run(o => new ClientBitmapsDirtyMemory<PlainClearBits>(o))),
    ]))
{
    private const string Lost = "a change of the word was lost";

    public override string Name => "bitmap-or";

    public override string Summary => "two threads set and one clears different pages of one word";

    public override string Source => "races.md DM02, scenario 38";

    private static void Run(MakeDesign make)
    {
        const long First = 3, Second = 5, Cleared = 7;
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirtyWord(0, 1UL << (int)Cleared, DirtyClients.NoCode));
        RunActors(
            Actor("setter 0", design, memory => memory.SetDirtyWord(0, 1UL << (int)First, DirtyClients.NoCode)),
            Actor("setter 1", design, memory => memory.SetDirtyWord(0, 1UL << (int)Second, DirtyClients.NoCode)),
            Actor("clearer", design, memory => Check(
                memory.TestAndClearDirty(Page(Cleared), DirtyClient.Migration), $"page {Cleared} was set before, and a clear did not find it")));
        Use(design, memory =>
        {
            foreach (long page in (long[])[First, Second])
            {
                Check(memory.GetDirty(page, DirtyClient.Migration), $"{Lost}: page {page} was set and is clean");
                Check(memory.GetDirty(page, DirtyClient.Display), $"{Lost}: page {page} was set and is clean for the display");
            }

            Check(!memory.GetDirty(Cleared, DirtyClient.Migration), $"{Lost}: page {Cleared} was cleared and is dirty");
            Check(memory.GetDirty(Cleared, DirtyClient.Display), $"page {Cleared} was cleared for migration and is clean for the display too");
        });
    }
}
