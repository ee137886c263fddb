using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Pages of three groups, whose summary bits share a word, are set and cleared at the same time: whoever set one finds it by a search.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: with one group nobody else changes the word of the summary.</remarks>
public sealed class SummaryTwoGroups() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "plain-summary", "the word of the summary is loaded, changed and stored back, and the bit of the other group with it", Hidden,
            () => Run(o => new ByteFlagsDirtyMemory<SummaryWithPlainOr>(o))),
    ]))
{
    private const string Hidden = "was set, and a search of its group does not find it";

    public override string Name => "summary-two-groups";

    public override string Summary => "two threads set pages of three groups, and search, while a third one clears the only dirty page of one of them";

    public override string Source => "races.md DM03; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Low = 8, High = 72, Cleared = 136, Beside = 137;
        using IDirtyMemoryDesign design = make(OneWord with { Pages = 192, MaxPages = 192 });
        Use(design, memory =>
        {
            foreach (long page in (long[])[Low, High])
            {
                memory.SetDirty(page, DirtyClient.Migration);
                memory.TestAndClearDirty(Page(page), DirtyClient.Migration); // a group is marked until it has been cleared once
            }

            memory.SetDirty(Cleared, DirtyClient.Migration);
        });
        RunActors(
            Actor("clearer", design, memory => memory.TestAndClearDirty(Page(Cleared), DirtyClient.Migration)),
            Actor("setter 0", design, memory =>
            {
                memory.SetDirty(Beside, DirtyClient.Migration); // the clearer may find its group clean, and then not
                Set(memory, Low);
            }),
            Actor("setter 1", design, memory => Set(memory, High)));
        Use(design, memory =>
        {
            Check(memory.CleanRun(new PageRange(0, 64), DirtyClients.Migration) == Low, $"page {Low} {Hidden}");
            Check(memory.CleanRun(new PageRange(64, 128), DirtyClients.Migration) == High - 64, $"page {High} {Hidden}");
            Check(memory.AnyDirty(new PageRange(128, 64), DirtyClient.Migration), $"page {Beside} {Hidden}");
        });
    }

    private static void Set(IDirtyMemory memory, long page)
    {
        memory.SetDirty(page, DirtyClient.Migration);
        Check(memory.AnyDirty(new PageRange(page & ~63L, 64), DirtyClient.Migration), $"page {page} {Hidden}");
    }
}
