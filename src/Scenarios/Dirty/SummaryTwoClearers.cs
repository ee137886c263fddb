using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two threads clear ranges that touch a clean group, each for its client, while a third one sets a page of the group and searches at once.</summary>
/// <remarks>
/// Found missing by <c>verify mutate</c>: with one clearer nobody needs the lock of those who clear summary bits. Without that lock a schedule of
/// five switches hides the page; surw alone finds it (1,661 schedules), the portfolio not within its 4,000.
/// </remarks>
public sealed class SummaryTwoClearers() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "no-checking-bit", "the set page is hidden until the clearer has looked again", Hidden,
            () => Run(o => new ByteFlagsDirtyMemory<SummaryWithoutChecking>(o))),
    ]))
{
    private const string Hidden = "was set, and a search of its group does not find it";

    public override string Name => "summary-two-clearers";

    public override string Summary => "two threads clear ranges that reach into one group while a third one sets a page of it and searches";

    public override string Source => "races.md DM03; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Set = 8, Cleared = 64;
        PageRange group = new(0, 64), rest = new(16, 112); // of the first group only the tail, so that nobody clears the page that is set
        using IDirtyMemoryDesign design = make(OneWord with { Pages = 128, MaxPages = 128 });
        Use(design, memory => memory.SetDirtyFlags(Cleared, DirtyClients.NoCode));
        RunActors(
            Actor("clearer 0", design, memory => memory.TestAndClearDirty(rest, DirtyClient.Migration)),
            Actor("clearer 1", design, memory => memory.TestAndClearDirty(rest, DirtyClient.Display)),
            Actor("setter", design, memory =>
            {
                memory.SetDirty(Set, DirtyClient.Migration);
                Check(memory.CleanRun(group, DirtyClients.Migration) == Set, $"page {Set} {Hidden}");
            }));
        Use(design, memory => Check(memory.CleanRun(group, DirtyClients.Migration) == Set, $"page {Set} {Hidden}"));
    }
}
