using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Shrinking;
using Verify.Cli.Subjects;
using Verify.Scenarios;

namespace Verify.Tests.Coyote;

/// <summary>
/// Races that were found in our own engine (docs/findings.md), each as the shrunk schedule that shows it on the variant that has the fault back.
/// </summary>
public class PinnedScheduleTests
{
    private const string Record = "VERIFY_WRITE_PINS";

    private static readonly Lazy<ScenarioSubject> s_plain = new(() => ScenarioSubject.Load(plainAccesses: false));
    private static readonly Lazy<ScenarioSubject> s_modelled = new(() => ScenarioSubject.Load(plainAccesses: true));

    /// <summary>Scenario, variant with the fault, and memory model.</summary>
    public static TheoryData<string, string, MemoryModelName> Pins => new()
    {
        { "flush-vs-invalidate", "pages-reset-first", MemoryModelName.Sc },
        { "grow-free", "free-now", MemoryModelName.Sc },
        { "pause-vs-pause", "left-unasked", MemoryModelName.Sc },
        { "plug-vs-plug", "big-lock-kept", MemoryModelName.Sc },
        { "enable-vs-clear", "stale-clients", MemoryModelName.Sc },
        { "rcu-basic", "no-fence-enter", MemoryModelName.Tso },
        { "unplug-vs-start", "work-left", MemoryModelName.Sc },
        { "interrupt-vs-csr", "read-and-write-back", MemoryModelName.Sc },
        { "time-vs-set", "offset-read-last", MemoryModelName.Sc },
        { "display-page-tables", "alias-forgotten", MemoryModelName.Sc },
    };

    [Theory]
    [MemberData(nameof(Pins))]
    public void A_pinned_schedule_still_shows_its_race(string scenario, string variant, MemoryModelName model)
    {
        string file = Path.Combine(Folder(), $"{scenario}.{variant}.schedule.json");
        if (Environment.GetEnvironmentVariable(Record) == "1")
        {
            ScheduleWriter.Save(Find(scenario, variant, model), file);
        }

        Schedule pinned = ScheduleReader.Load(file);
        Action body = Body(scenario, variant, model);
        ReplayResult exact = Replayer.Replay(body, pinned);

        // An engine that has gained or lost events elsewhere has the race still, at the same places of the same threads.
        ReplayResult replay = exact.Reproduced ? exact : Replayer.Realign(body, pinned);

        Assert.Equal((scenario, variant, model.ToString().ToLowerInvariant()), (pinned.Test, pinned.Variant, pinned.Memory.Machine.Model.Name));
        Assert.True(
            ScenarioCatalog.Find(scenario).Find(variant).IsExpected(model, replay.Failure?.Message),
            $"{file} is stale: the race no longer happens on its schedule ({exact.Divergence?.ToString() ?? "it ends otherwise"}). If the engine was changed on "
            + $"purpose, record it anew: {Record}=1 Verify.Tests.Coyote -class {typeof(PinnedScheduleTests).FullName}, and look at the picture before committing it.");
    }

    /// <summary>So that the test above can fail: the same schedule on the design without the fault does not end so.</summary>
    [Theory]
    [InlineData("flush-vs-invalidate", "pages-reset-first", "exclusive-flush", MemoryModelName.Sc)]
    [InlineData("grow-free", "free-now", "rcu-blocks", MemoryModelName.Sc)]
    [InlineData("pause-vs-pause", "left-unasked", "again", MemoryModelName.Sc)]
    [InlineData("plug-vs-plug", "big-lock-kept", "under-big-lock", MemoryModelName.Sc)]
    [InlineData("enable-vs-clear", "stale-clients", "byte-flags-summary-bit", MemoryModelName.Sc)]
    [InlineData("rcu-basic", "no-fence-enter", "symmetric", MemoryModelName.Tso)]
    [InlineData("unplug-vs-start", "work-left", "work-queued", MemoryModelName.Sc)]
    [InlineData("interrupt-vs-csr", "read-and-write-back", "set", MemoryModelName.Sc)]
    [InlineData("time-vs-set", "offset-read-last", "offset-read-twice", MemoryModelName.Sc)]
    [InlineData("display-page-tables", "alias-forgotten", "alias", MemoryModelName.Sc)]
    public void A_pinned_schedule_shows_nothing_without_the_fault(string scenario, string variant, string sound, MemoryModelName model)
    {
        Schedule pinned = ScheduleReader.Load(Path.Combine(Folder(), $"{scenario}.{variant}.schedule.json"));

        ReplayResult replay = Replayer.Realign(Body(scenario, sound, model), pinned);

        Assert.False(ScenarioCatalog.Find(scenario).Find(variant).IsExpected(model, replay.Failure?.Message), replay.Failure?.Message);
    }

    [Fact]
    public void Every_pinned_schedule_is_replayed()
    {
        var named = Pins.Select(p => $"{p.Data.Item1}.{p.Data.Item2}.schedule.json");

        Assert.Equal(named.Order(StringComparer.Ordinal), Directory.GetFiles(Folder()).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    private static Schedule Find(string scenario, string variant, MemoryModelName model)
    {
        Action body = Body(scenario, variant, model);
        ExplorationResult found = Explorer.Explore(
            body,
            new ExplorationOptions
            {
                Strategy = "portfolio",
                Schedules = 8000,
                MaxSteps = 20_000,
                Memory = MemoryOptions.For(model.ToString().ToLowerInvariant()),
            });
        Assert.NotNull(found.Failure);
        Schedule schedule = found.Schedule! with { Failure = found.Failure, Test = scenario, Variant = variant };
        ShrinkResult shrunk = Shrinker.Shrink(body, schedule, new ShrinkOptions { Runs = 20_000 });
        return shrunk.Refused is null && shrunk.After.CompareTo(shrunk.Before) < 0 ? shrunk.Schedule with { Test = scenario, Variant = variant } : schedule;
    }

    private static Action Body(string scenario, string variant, MemoryModelName model) =>
        (model == MemoryModelName.Sc ? s_plain : s_modelled).Value.Body(scenario, variant);

    private static string Folder() => Directory.CreateDirectory(Path.Combine(Repository.Folder, "tests", "Coyote", "Pinned")).FullName;
}
