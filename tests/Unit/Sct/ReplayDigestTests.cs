using System.Globalization;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;

namespace Verify.Tests.Unit.Sct;

/// <summary>Replays of many different failures; VERIFY_REPLAYS=1000 makes a campaign of it.</summary>
public class ReplayDigestTests
{
    private static readonly int s_replays = int.Parse(Environment.GetEnvironmentVariable("VERIFY_REPLAYS") ?? "3", CultureInfo.InvariantCulture);

    // SafeStack alone is not found within a test's time.
    public static TheoryData<string> Failures => [.. SctTests.Rewritten.Keys.Where(n => n != "safestack")];

    [Fact]
    public void There_are_at_least_twenty_failures() => Assert.True(Failures.Count >= 20);

    [Theory]
    [MemberData(nameof(Failures))]
    public void Every_replay_of_a_failure_gives_its_digest(string name)
    {
        Action body = SctTests.Rewritten[name];
        Schedule found = Explorer.Explore(body, new ExplorationOptions { Strategy = "portfolio", Seed = 5, Schedules = 2000 }).Schedule!;
        Schedule schedule = ScheduleReader.Parse(ScheduleWriter.ToJson(found)); // as from its file

        for (int i = 0; i < s_replays; i++)
        {
            ReplayResult result = Replayer.Replay(body, schedule);
            Assert.True(result.Reproduced, result.Divergence?.ToString());
            Assert.Equal(found.Digest, result.Digest);
        }
    }
}
