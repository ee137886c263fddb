using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two threads clear the two dirty pages of a group while a third one sets another page of it and searches at once.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: with one clearer nobody needs the lock of those who clear summary bits.</remarks>
public sealed class SummaryTwoClearers() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "no-checking-bit", "the set page is hidden until the clearer has looked again", Hidden,
            () => Run(o => new ByteFlagsDirtyMemory<SummaryWithoutChecking>(o))),
        ScenarioCase.Mutant(
            "clearers-not-apart", "the first clearer to end takes away the mark of the second one, who still looks", Hidden,
            () => Run(o => new ByteFlagsDirtyMemory<SummaryWithoutClearLock>(o))),
    ]))
{
    private const string Hidden = "was set, and a search of its group does not find it";

    public override string Name => "summary-two-clearers";

    public override string Summary => "two threads clear a page each of one group while a third one sets a page of it and searches";

    public override string Source => "races.md DM03; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long First = 0, Second = 1, Set = 8; // the last in another of the words that a clearer looks at
        var all = new PageRange(0, 64);
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirtyWord(0, 1UL << (int)First | 1UL << (int)Second, DirtyClients.NoCode));
        RunActors(
            Actor("clearer 0", design, memory => memory.TestAndClearDirty(Page(First), DirtyClient.Migration)),
            Actor("clearer 1", design, memory => memory.TestAndClearDirty(Page(Second), DirtyClient.Migration)),
            Actor("setter", design, memory =>
            {
                memory.SetDirty(Set, DirtyClient.Migration);
                Check(memory.CleanRun(all, DirtyClients.Migration) <= Set, $"page {Set} {Hidden}");
            }));
        Use(design, memory => Check(memory.CleanRun(all, DirtyClients.Migration) == Set, $"page {Set} {Hidden}"));
    }
}
