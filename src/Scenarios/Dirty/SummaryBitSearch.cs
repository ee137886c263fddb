using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>One page is cleared while another of its 64 is set: whoever set it finds it by a search at once.</summary>
public sealed class SummaryBitSearch() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "no-recheck-after-clear", "the set page is hidden for good", Hidden, () => Run(o => new ByteFlagsDirtyMemory<SummaryWithoutRecheck>(o))),
        ScenarioCase.Mutant(
            "no-checking-bit", "the set page is hidden until the clearer has looked again", Hidden,
            () => Run(o => new ByteFlagsDirtyMemory<SummaryWithoutChecking>(o))),
    ]))
{
    private const string Hidden = "was set, and a search of its group does not find it";

    public override string Name => "summary-bit";

    public override string Summary => "one thread clears the only dirty page of a group while another one sets a page of it and searches";

    public override string Source => "races.md DM03, scenario 40";

    private static void Run(MakeDesign make)
    {
        const long Cleared = 0, Set = 8; // in the second of the eight words a clearer looks at, so that it may be set after that look
        var all = new PageRange(0, 64);
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirty(Cleared, DirtyClient.Migration));
        RunActors(
            Actor("clearer", design, memory => memory.TestAndClearDirty(Page(Cleared), DirtyClient.Migration)),
            Actor("setter", design, memory =>
            {
                memory.SetDirty(Set, DirtyClient.Migration);
                Check(memory.AnyDirty(all, DirtyClient.Migration), $"page {Set} {Hidden}");
            }));
        Use(design, memory => Check(memory.CleanRun(all, DirtyClients.Migration) == Set, $"page {Set} {Hidden}"));
    }
}
