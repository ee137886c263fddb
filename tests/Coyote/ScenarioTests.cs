using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Subjects;
using Verify.Scenarios;

namespace Verify.Tests.Coyote;

/// <summary>Every scenario in every variant under control: the verdict is the declared one, and what is found replays.</summary>
public class ScenarioTests
{
    // What `verify check` spends on a variant by default; a racy one must be found within it.
    private const int SchedulesToFind = 4000;

    // Sound variants share what the whole class may take: more variants, fewer schedules each, down to the floor. `verify check` spends more.
    private const int SchedulesOfAllClean = 60_000, LeastSchedules = 300, MostSchedules = 2000;

    private const MemoryModelName Model = MemoryModelName.Sc;

    private static readonly Lazy<ScenarioSubject> s_rewritten = new(() => ScenarioSubject.Load(plainAccesses: false));

    // As check --model does: under a weaker model plain accesses are modelled too.
    private static readonly Lazy<ScenarioSubject> s_modelled = new(() => ScenarioSubject.Load(plainAccesses: true));

    private static int SchedulesOfClean { get; } =
        Math.Clamp(SchedulesOfAllClean / Math.Max(1, Variants(ExpectedVerdict.Clean).Count()), LeastSchedules, MostSchedules);

    /// <summary>Scenario and variant.</summary>
    public static TheoryData<string, string> Cells(ExpectedVerdict expected)
    {
        var cells = new TheoryData<string, string>();
        foreach ((Scenario scenario, ScenarioVariant variant) in Variants(expected))
        {
            cells.Add(scenario.Name, variant.Name);
        }

        return cells;
    }

    /// <summary>Scenario, variant and each model under which its defect shows, where sequential consistency hides it.</summary>
    public static TheoryData<string, string, MemoryModelName> HiddenCells()
    {
        var cells = new TheoryData<string, string, MemoryModelName>();
        foreach ((Scenario scenario, ScenarioVariant variant) in Variants(ExpectedVerdict.Clean))
        {
            foreach (MemoryModelName model in Enum.GetValues<MemoryModelName>())
            {
                if (variant.ExpectedUnder(model) == ExpectedVerdict.Racy)
                {
                    cells.Add(scenario.Name, variant.Name, model);
                }
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells), ExpectedVerdict.Clean)]
    public void A_sound_variant_has_no_failing_schedule(string scenario, string variant)
    {
        ExplorationResult result = Explore(scenario, variant, "portfolio", SchedulesOfClean);

        Assert.True(result.Failure is null, $"{result.Failure?.Message}\n{Reproduce(scenario, variant, "portfolio")}");
        Assert.Equal(SchedulesOfClean, result.Schedules);
        Assert.Equal(0, result.Unfinished);
    }

    [Theory]
    [MemberData(nameof(Cells), ExpectedVerdict.Racy)]
    public void An_unsound_variant_is_found_with_its_outcome_and_replays_to_one_digest(string scenario, string variant)
    {
        ExplorationResult result = Explore(scenario, variant, "portfolio", SchedulesToFind);

        ShowsItsOutcome(scenario, variant, "portfolio", result);
        Replays(scenario, variant, result, times: 10);
    }

    [Theory]
    [MemberData(nameof(HiddenCells))]
    public void A_variant_that_sequential_consistency_clears_is_found_under_the_models_that_show_it(
        string scenario, string variant, MemoryModelName model)
    {
        string name = model.ToString().ToLowerInvariant();
        ExplorationResult result = Explorer.Explore(
            s_modelled.Value.Body(scenario, variant),
            new ExplorationOptions { Strategy = "portfolio", Schedules = SchedulesToFind, Seed = 1, MaxSteps = 20_000, Memory = MemoryOptions.For(name) });

        Assert.True(
            ScenarioCatalog.Find(scenario).Find(variant).IsExpected(model, result.Failure?.Message),
            $"found {result.Failure?.Message ?? "nothing"} under {name}\n{Reproduce(scenario, variant, "portfolio")} --model {name}");
        Schedule schedule = ScheduleReader.Parse(ScheduleWriter.ToJson(result.Schedule!));
        ReplayResult replay = Replayer.Replay(s_modelled.Value.Body(scenario, variant), schedule);
        Assert.True(replay.Reproduced, replay.Divergence?.ToString());
    }

    [Theory]
    [InlineData("flush-vs-last-tb", "global-flag")]
    [InlineData("flush-vs-last-tb", "counter-captured-late")]
    [InlineData("flush-vs-last-tb", "marker-with-recycled-storage")]
    [InlineData("double-invalidate", "loser-returns-at-once")]
    public void Every_strategy_finds_the_races_of_the_first_scenarios(string scenario, string variant)
    {
        // The searches for all outcomes are for programs smaller than a scenario.
        foreach (StrategyCatalog.Entry strategy in StrategyCatalog.All.Where(s => s.Name is not ("exhaustive" or "dpor")))
        {
            ExplorationResult result = Explore(scenario, variant, strategy.Name, MostSchedules);

            ShowsItsOutcome(scenario, variant, strategy.Name, result);
            Replays(scenario, variant, result, times: 100);
        }
    }

    private static void ShowsItsOutcome(string scenario, string variant, string strategy, ExplorationResult result) => Assert.True(
        ScenarioCatalog.Find(scenario).Find(variant).IsExpected(Model, result.Failure?.Message),
        $"{strategy} found {result.Failure?.Message ?? "nothing"}\n{Reproduce(scenario, variant, strategy)}");

    private static void Replays(string scenario, string variant, ExplorationResult result, int times)
    {
        Schedule schedule = ScheduleReader.Parse(ScheduleWriter.ToJson(result.Schedule!));
        for (int i = 0; i < times; i++)
        {
            ReplayResult replay = Replayer.Replay(s_rewritten.Value.Body(scenario, variant), schedule);
            Assert.True(replay.Reproduced, replay.Divergence?.ToString());
            Assert.Equal(schedule.Digest, replay.Digest);
        }
    }

    private static IEnumerable<(Scenario Scenario, ScenarioVariant Variant)> Variants(ExpectedVerdict expected) =>
        ScenarioCatalog.All.SelectMany(s => s.Variants.Where(v => v.ExpectedUnder(Model) == expected), (s, v) => (s, v));

    private static ExplorationResult Explore(string scenario, string variant, string strategy, int schedules) => Explorer.Explore(
        s_rewritten.Value.Body(scenario, variant),
        new ExplorationOptions { Strategy = strategy, Schedules = schedules, Seed = 1, MaxSteps = 20_000 });

    private static string Reproduce(string scenario, string variant, string strategy) =>
        $"reproduce with: verify check --scenario {scenario} --variant {variant} --explore {strategy} --seed 1";
}
