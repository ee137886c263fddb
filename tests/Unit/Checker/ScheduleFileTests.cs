using Verify.Checker.Exploration;
using Verify.Checker.Replay;

namespace Verify.Tests.Unit.Checker;

public class ScheduleFileTests
{
    private static Schedule Record(Action body, string strategy = "random") =>
        Explorer.Explore(body, new ExplorationOptions { Strategy = strategy, Seed = 11 }).Schedule! with
        {
            Test = "t",
            Variant = "v",
            Modules = new Dictionary<string, string> { ["Some.Module"] = "00000000-0000-0000-0000-000000000001" },
        };

    [Fact]
    public void A_schedule_survives_its_file()
    {
        Schedule schedule = Record(Program.LostUpdate);

        Schedule read = ScheduleReader.Parse(ScheduleWriter.ToJson(schedule));

        Assert.Equal(schedule.Steps, read.Steps);
        Assert.Equal(schedule.Digest, read.Digest);
        Assert.Equal(schedule.Threads, read.Threads);
        Assert.Equal(schedule.Failure, read.Failure);
        Assert.Equal(schedule.Modules, read.Modules);
        Assert.Equal(ScheduleWriter.ToJson(schedule), ScheduleWriter.ToJson(read));
    }

    [Fact]
    public void A_hundred_replays_give_one_digest()
    {
        Schedule schedule = ScheduleReader.Parse(ScheduleWriter.ToJson(Record(Program.LostUpdate)));

        for (int i = 0; i < 100; i++)
        {
            ReplayResult result = Replayer.Replay(Program.LostUpdate, schedule);
            Assert.True(result.Reproduced, result.Divergence?.ToString());
            Assert.Equal(schedule.Digest, result.Digest);
        }
    }

    [Fact]
    public void A_deadlock_replays()
    {
        Assert.True(Replayer.Replay(Program.LockOrderInversion, Record(Program.LockOrderInversion, "pct")).Reproduced);
    }

    [Fact]
    public void A_changed_program_is_told_its_first_different_event()
    {
        ReplayResult result = Replayer.Replay(Program.LockedUpdate, Record(Program.LostUpdate));

        Assert.False(result.Reproduced);
        Assert.NotNull(result.Divergence);
        Assert.Contains("recorded", result.Divergence.ToString());
    }

    public static TheoryData<string, string, string> Corruptions => new()
    {
        { "\"verify-schedule\"", "\"something-else\"", "not a Verify schedule" },
        { "\"version\": 1", "\"version\": 2", "format version 2" },
        { "\"version\": 1", "\"version\": \"x\"", "wrong type" },
        { "\"version\": 1,", "", "missing" },
        { "\"steps\": [", "\"steps\": [ \"0 ThreadBegin @0\",", "digest does not match" },
        { "\"steps\": [", "\"steps\": [ \"9 ThreadBegin @0\",", "names a thread" },
        { "\"steps\": [", "\"steps\": [ \"0 ThreadBegin @99\",", "names a site" },
        { "\"steps\": [", "\"steps\": [ \"0 Explode @0\",", "unknown kind" },
        { "\"steps\": [", "\"steps\": [ \"-1 ThreadBegin @0\",", "not of the form" },
        { "\"steps\": [", "\"steps\": [ \"0 ThreadBegin @99999999999999\",", "names a thread" },
        { "\"steps\": [", "\"steps\": [ \"0 ThreadBegin @0 =1\",", "has a choice but is none" },
        { "\"steps\": [", "\"steps\": [ 7,", "wrong type" },
        { "\"steps\": [", "\"steps\": [ null,", "not of the form" },
        { "\"sites\": [", "\"sites\": [ \"nonsense\",", "a site is not of the form" },
        { "\"sites\": [", "\"sites\": {} , \"x\": [", "wrong type" },
        { "\"threads\": [", "\"threads\": [] , \"x\": [", "names a thread" },
        { "\"maxSteps\": 100000", "\"maxSteps\": -5", "not positive" },
        { "\"kind\": \"Assertion\"", "\"kind\": \"Nice\"", "kind is unknown" },
        { "\"digest\": \"", "\"digest\": \"zz", "not a number" },
        { "\"digest\": \"", "\"digest\": \"1", "digest" },
        { "\n}", "", "not JSON" },
        { "{\n", "[[[[[[[[[[[[[", "not JSON" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void A_corrupted_file_is_refused_with_the_reason(string find, string replace, string reason)
    {
        string json = ScheduleWriter.ToJson(Record(Program.LostUpdate));
        int at = json.IndexOf(find, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the file has no {find}");

        ScheduleFormatException e = Assert.Throws<ScheduleFormatException>(
            () => ScheduleReader.Parse(json[..at] + replace + json[(at + find.Length)..]));

        Assert.Contains(reason, e.Message);
        Assert.DoesNotContain("\n", e.Message);
    }

    // The same files through the command line: one line each, exit code 2, nothing loaded, nothing run.
    [Fact]
    public void The_command_line_refuses_every_corrupted_file()
    {
        string json = ScheduleWriter.ToJson(Record(Program.LostUpdate));
        string path = Path.GetTempFileName();
        TextWriter error = Console.Error;
        int refused = 0;
        try
        {
            foreach (var row in Corruptions)
            {
                (string find, string replace, string reason) = row.Data;
                int at = json.IndexOf(find, StringComparison.Ordinal);
                File.WriteAllText(path, json[..at] + replace + json[(at + find.Length)..]);
                using var said = new StringWriter();
                Console.SetError(said);
                object? exit = typeof(Verify.Cli.Subjects.ScenarioSubject).Assembly.EntryPoint!.Invoke(null, [new[] { "replay", path }]);

                Assert.Equal(2, exit);
                string line = Assert.Single(said.ToString().TrimEnd('\n').Split('\n'));
                Assert.StartsWith("verify: ", line);
                Assert.Contains(reason, line);
                refused++;
            }
        }
        finally
        {
            Console.SetError(error);
            File.Delete(path);
        }

        Assert.True(refused >= 20, $"only {refused} kinds of corruption");
    }

    [Fact]
    public void A_missing_file_is_refused_with_the_remedy()
    {
        ScheduleFormatException e = Assert.Throws<ScheduleFormatException>(() => ScheduleReader.Load("no/such/file.json"));

        Assert.Contains("verify check", e.Message);
    }
}
