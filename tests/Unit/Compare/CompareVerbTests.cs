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
                (c, i) => $$$"""{"Type":"BlockBenchmarks","Method":"MainLoopTurn","Parameters":"Strategy={{{c.Name}}}","Statistics":{"Min":{{{10 + i}}},"Median":{{{10 + i}}}}}"""))}}]}
            """);
        string output = Path.Combine(_folder, "out");
        (int exitCode, string text, string error) = CommandLine.Run(
            "compare", "--quick", "--schedules", "40", "--costs", costs, "--output", output);

        Assert.True(exitCode == 0, text + error);
        Assert.Contains("Take ", text);
        string markdown = File.ReadAllText(Path.Combine(output, "compare.md")), page = File.ReadAllText(Path.Combine(output, "compare.html"));
        Assert.Contains("| global-flag/under-lock/recycled | racy |", markdown);
        Assert.Contains("| exclusive-flush/exclusive/recycled | clean |", markdown);
        Assert.Contains("| a turn of the main loop (ns) | 10 | 11 | 12 |", markdown);
        Assert.Contains("<svg", page);
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org", ""));

        string schedule = Directory.GetFiles(output, "*global-flag.under-lock.recycled.schedule.json", SearchOption.AllDirectories)[0];
        (int replayed, string same, string complaint) = CommandLine.Run("replay", schedule, "--quiet");
        Assert.True(replayed == 1, same + complaint);
    }

    [Fact]
    public void A_folder_of_costs_that_is_not_there_is_named()
    {
        (int exitCode, _, string error) = CommandLine.Run("compare", "--costs", Path.Combine(_folder, "nowhere"), "--output", _folder);
        Assert.Equal((2, 1), (exitCode, error.Trim().Split('\n').Length));
        Assert.Contains("there is no folder", error);
    }
}
