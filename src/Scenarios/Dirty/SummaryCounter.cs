using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Setters and an unaligned clear of pages counted together: at rest each group's count is the number of its 0xff pages.</summary>
public sealed class SummaryCounter() : DirtyScenario(
    ScenarioCase.Sound("word-counter", "byte and counter change under one lock per group", () => Run<WordCounterSummary>(s => s.FullPages)),
    ScenarioCase.Mutant(
        "counter-outside-lock", "the page is tested and the count changed in two steps (DM03 e)", Wrong,
        () => Run<CounterOutsideLock>(s => s.FullPages)),
    ScenarioCase.Mutant(
        "counter-lowered-for-untouched-pages", "a page that stays 0xff lowers the count (DM03 b)", Wrong,
        () => Run<CounterLoweredForUntouched>(s => s.FullPages)),
    ScenarioCase.Mutant(
        "counter-relative-to-range", "the counter's index is counted from the start of the range (DM03 a)", Wrong,
        () => Run<CounterRelativeToRange>(s => s.FullPages)))
{
    private const string Wrong = "pages dirty for all are counted";

    /// <summary>The clear begins here: in the middle of a group.</summary>
    internal const long FirstCleared = 8;

    private static readonly long[] s_touched = [0, 1, 60, 61, 62, 63, 64, 65, 66, 67];

    public override string Name => "summary-counter";

    public override string Summary => "two threads set and one clears pages of one group, with a range that crosses into the next";

    public override string Source => "races.md DM03, scenario 39";

    private static void Run<TSummary>(Func<TSummary, Func<long, int>> fullPagesOf)
        where TSummary : struct, IFlagSummary
    {
        using ByteFlagsDirtyMemory<TSummary> design = new(new DirtyMemoryOptions { Pages = 128, MaxPages = 128 });
        Func<long, int> fullPages = fullPagesOf(design.Summary);
        Use(design, memory => memory.SetDirtyRange(new PageRange(60, 8), DirtyClients.All));
        RunActors(
            Actor("setter 0", design, memory => memory.SetDirty(0)),
            Actor("setter 1", design, memory => memory.SetDirty(1)),
            Actor("clearer", design, memory => memory.ClearDirtyRange(new PageRange(FirstCleared, 58), DirtyClients.Migration)));
        Use(design, memory =>
        {
            for (long group = 0; group < 2; group++)
            {
                int full = 0;
                foreach (long page in group == 0 ? s_touched[..6] : s_touched[6..])
                {
                    full += memory.IsDirty(page) ? 1 : 0;
                }

                Check(full == 2, $"group {group} has {full} pages dirty for all instead of 2");
                Check(fullPages(group) == full, $"{fullPages(group)} {Wrong} in group {group}, which has {full}");
            }
        });
    }
}
