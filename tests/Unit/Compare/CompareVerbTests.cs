using Verify.Engine.Invalidation;
using Verify.Tests.Unit.Cli;

namespace Verify.Tests.Unit.Compare;

/// <summary><c>verify compare</c> as a user runs it, with costs read from a folder instead of measured.</summary>
public sealed class CompareVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("compare").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Known_races_are_found_drawn_and_replay_and_costs_are_beside_them()
    {
        string costs = Directory.CreateDirectory(Path.Combine(_folder, "costs")).FullName;
        File.WriteAllText(
            Path.Combine(costs, "Blocks-report-brief.json"),
            $$"""
            {"Benchmarks":[{{string.Join(',', InvalidationCatalog.Combinations.Select(
                (c, i) => $$$"""{"Type":"BlockBenchmarks","Method":"MainLoopTurn","Parameters":"Strategy={{{c.Name}}}&Backend=interp","Statistics":{"Min":{{{10 + i}}},"Median":{{{10 + i}}}}}"""))}}]}
            """);
        string output = Path.Combine(_folder, "out");
        (int exitCode, string text, string error) = CommandLine.Run(
            "compare", "--quick", "--group", "strategies", "--schedules", "40", "--costs", costs, "--output", output);

        Assert.True(exitCode == 0, text + error);
        Assert.Contains("Take ", text);
        string markdown = File.ReadAllText(Path.Combine(output, "compare.md")), page = File.ReadAllText(Path.Combine(output, "compare.html"));
        Assert.Contains("| global-flag/under-lock/recycled | racy |", markdown);
        Assert.Contains("| exclusive-flush/exclusive/recycled | clean |", markdown);
        Assert.Contains("| a turn of the main loop (ns) | interp | 10 | 11 | 12 |", markdown);
        Assert.Contains("| cache lines written by a turn of the main loop (lines) |  | 3 | 4 | 3 | 4 | 2 | 3 |", markdown);
        Assert.DoesNotContain("Dirty-memory", markdown);
        Assert.DoesNotMatch("[1-9][0-9,]* not as", text + error); // designs that are racy on purpose are no alarm
        Assert.Contains("<svg", page);
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org", ""));

        string schedule = Directory.GetFiles(output, "*global-flag.under-lock.recycled.schedule.json", SearchOption.AllDirectories)[0];
        (int replayed, string same, string complaint) = CommandLine.Run("replay", schedule, "--quiet");
        Assert.True(replayed == 1, same + complaint);
    }

    [Theory]
    [InlineData("--costs nowhere", "there is no folder 'nowhere'")]
    [InlineData("--costs .", "no results of BenchmarkDotNet")]
    [InlineData("--group both", "there is no group 'both'; the groups are strategies, dirty, rcu")]
    [InlineData("--group rcu --strategy x.dll:Y", "--group leaves out")]
    [InlineData("--strategy per-cpu-flag", "'per-cpu-flag' is not a strategy of your own")]
    [InlineData("--strategy nope.dll:Y", "there is no file 'nope.dll'")]
    [InlineData("--strategy a.dll:B --strategy a.dll:B", "'a.dll:B' is named twice")]
    [InlineData("--dirty rcu-blocks", "'rcu-blocks' is not a dirty-memory design of your own")]
    [InlineData("--dirty nope.dll:Y", "there is no file 'nope.dll'")]
    [InlineData("--schedules 0", "--schedules must be at least 1")]
    [InlineData("--budget 0", "--budget must be more than 0")]
    [InlineData("--output /proc/nowhere", "/proc/nowhere")]
    public void What_cannot_be_compared_is_said_in_one_line_before_anything_is_explored(string arguments, string expected)
    {
        (int exitCode, string output, string error) = CommandLine.RunIn(_folder, ["compare", .. arguments.Split(' ')]);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(expected, Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }
}
