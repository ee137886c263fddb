using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Cli.Subjects;
using Verify.Scenarios;

namespace Verify.Tests.Coyote;

/// <summary>Every scenario in every variant under control: the verdict is the declared one, and what is found replays.</summary>
public class ScenarioTests
{
    private const int SchedulesPerStrategy = 2000;

    private static readonly Lazy<ScenarioSubject> s_rewritten = new(ScenarioSubject.Load);

    /// <summary>Scenario and variant.</summary>
    public static TheoryData<string, string> Cells(ExpectedVerdict expected)
    {
        var cells = new TheoryData<string, string>();
        foreach (Scenario scenario in ScenarioCatalog.All)
        {
            foreach (ScenarioVariant variant in scenario.Variants.Where(v => v.Expected == expected))
            {
                cells.Add(scenario.Name, variant.Name);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells), ExpectedVerdict.Clean)]
    public void A_sound_variant_has_no_failing_schedule(string scenario, string variant)
    {
        foreach (string strategy in (string[])["random", "pct"])
        {
            ExplorationResult result = Explore(scenario, variant, strategy);

            Assert.True(result.Failure is null, $"{strategy}: {result.Failure?.Message}\n{Reproduce(scenario, variant, strategy)}");
            Assert.Equal(SchedulesPerStrategy, result.Schedules);
            Assert.Equal(0, result.Unfinished);
        }
    }

    [Theory]
    [MemberData(nameof(Cells), ExpectedVerdict.Racy)]
    public void An_unsound_variant_is_found_by_every_strategy_and_replays_to_one_digest(string scenario, string variant)
    {
        foreach (StrategyCatalog.Entry strategy in StrategyCatalog.All)
        {
            ExplorationResult result = Explore(scenario, variant, strategy.Name);

            Assert.True(result.Failure is not null, $"{strategy.Name} found nothing\n{Reproduce(scenario, variant, strategy.Name)}");
            Schedule schedule = ScheduleReader.Parse(ScheduleWriter.ToJson(result.Schedule!));
            for (int i = 0; i < 100; i++)
            {
                ReplayResult replay = Replayer.Replay(s_rewritten.Value.Body(scenario, variant), schedule);
                Assert.True(replay.Reproduced, replay.Divergence?.ToString());
                Assert.Equal(schedule.Digest, replay.Digest);
            }
        }
    }

    private static ExplorationResult Explore(string scenario, string variant, string strategy) => Explorer.Explore(
        s_rewritten.Value.Body(scenario, variant),
        new ExplorationOptions { Strategy = strategy, Schedules = SchedulesPerStrategy, Seed = 1, MaxSteps = 20_000 });

    private static string Reproduce(string scenario, string variant, string strategy) =>
        $"reproduce with: verify check --scenario {scenario} --variant {variant} --explore {strategy} --seed 1";
}
