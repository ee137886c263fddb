using System.Text.Json;

namespace Verify.Tests.Unit.Cli;

public sealed class VerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Check_finds_a_race_and_replay_reproduces_it_with_source_lines()
    {
        (int checkExit, string checkOutput, _) = CommandLine.Run(
            "check", "--scenario", "flush-vs-last-tb", "--variant", "global-flag", "--output", _folder, "--json");
        JsonElement row = JsonDocument.Parse(checkOutput).RootElement.GetProperty("results")[0];
        string file = row.GetProperty("replay").GetString()!;
        (int replayExit, string replayOutput, _) = CommandLine.Run("replay", file, "--times", "20");

        Assert.Equal(0, checkExit); // racy is what is expected of it
        Assert.Equal("racy", row.GetProperty("verdict").GetString());
        Assert.Equal(1, replayExit);
        Assert.Contains("vcpu0", replayOutput);
        Assert.Matches(@"enter Machine\._tbLock.*Machine\.Specialized\.cs:\d+", replayOutput);
        Assert.Contains("patches a recycled block", replayOutput);
        Assert.Contains("20 of 20 replays", replayOutput);
    }

    // 0 preemptions: the flusher or the vCPU runs first, to its end; the third execution differs in the order of their ends only.
    [Fact]
    public void Check_writes_the_certificate_of_a_search_that_ended_and_says_what_was_covered()
    {
        string[] check = ["check", "--scenario", "flush-vs-last-tb", "--variant", "per-cpu-flag", "--output", _folder];
        (int exit, string text, _) = CommandLine.Run([.. check, "--explore", "dfs", "--preemptions", "0"]);
        (_, string json, _) = CommandLine.Run([.. check, "--explore", "dfs", "portfolio", "--preemptions", "0", "--schedules", "60", "--json"]);
        string file = Path.Combine(_folder, "flush-vs-last-tb.per-cpu-flag.dfs.certificate.json");
        (int show, string shown, _) = CommandLine.Run("show", file);

        Assert.Equal((0, 0), (exit, show));
        Assert.Contains("complete at preemption bound 0: dfs under sc, 3 executions of 2 classes", text);
        Assert.Contains(file, text);
        Assert.Contains("3 executions of 2 classes", shown);
        JsonElement row = JsonDocument.Parse(json).RootElement.GetProperty("results")[0];
        JsonElement certificate = row.GetProperty("certificates")[0];
        Assert.Equal("complete at preemption bound 0", certificate.GetProperty("claim").GetString());
        Assert.Contains(certificate.GetProperty("digest").GetString()!, shown);
        Assert.Equal(
            ["dfs", "pct", "pos", "random", "rff", "surw"],
            row.GetProperty("covered").EnumerateArray().Select(c => c.GetProperty("strategy").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(60, row.GetProperty("covered").EnumerateArray().Where(c => c.GetProperty("strategy").GetString() != "dfs").Sum(c => c.GetProperty("schedules").GetInt64()));
    }

    [Fact]
    public void Check_expects_of_every_model_what_the_catalogue_says_and_writes_one_page_of_all()
    {
        (_, string output, _) = CommandLine.Run(
            "check", "--scenario", "exclusive-dekker", "--schedules", "5", "--no-shrink", "--output", _folder, "--json");
        JsonElement[] rows = [.. JsonDocument.Parse(output).RootElement.GetProperty("results").EnumerateArray()];
        Verify.Scenarios.Scenario scenario = Verify.Scenarios.ScenarioCatalog.Find("exclusive-dekker");

        var expected = from model in Enum.GetValues<Verify.Scenarios.MemoryModelName>()
                       from variant in scenario.Variants
                       select (variant.Name, model.ToString().ToLowerInvariant(), variant.ExpectedUnder(model).ToString().ToLowerInvariant());
        Assert.Equal(expected, rows.Select(r => (Text(r, "variant"), Text(r, "model"), Text(r, "expected"))));
        Assert.Contains(expected, e => e is { Item2: "sc", Item3: "clean" } && expected.Contains((e.Name, "tso", "racy")));
        Assert.Contains("exclusive-dekker", File.ReadAllText(Path.Combine(_folder, "report.html")));

        static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
    }

    [Fact]
    public void Run_prints_what_the_guest_prints()
    {
        (int exit, string output, _) = CommandLine.Run("run", "guests/bin/spinlock.elf", "--cpus", "2", "--strategy", "flush-counter");

        Assert.Equal(0, exit);
        Assert.Equal("spinlock 40000\n", output);
    }

    [Fact]
    public void Run_reports_json_on_standard_output_and_the_guest_on_standard_error()
    {
        (int exit, string output, string error) = CommandLine.Run("run", "guests/bin/spinlock.elf", "--cpus", "2", "--json");

        Assert.Equal(0, exit);
        Assert.Equal(0, JsonDocument.Parse(output).RootElement.GetProperty("exitCode").GetInt64());
        Assert.Equal("spinlock 40000\n", error);
    }

    [Fact]
    public void List_writes_entry_points_and_the_page_of_scenarios_and_deletes_what_is_stale()
    {
        string stale = Path.Combine(_folder, "GoneScenario.g.cs"), byHand = Path.Combine(_folder, "ByHand.cs"), page = Path.Combine(_folder, "page.md");
        File.WriteAllText(stale, "");
        File.WriteAllText(byHand, "");
        (int exit, _, string error) = CommandLine.Run("list", "--entry-points", _folder, "--markdown", page);

        Assert.Equal((0, ""), (exit, error));
        Assert.False(File.Exists(stale), "a scenario that is gone still has an entry point");
        Assert.True(File.Exists(byHand), "a file that was not generated is none of its business");
        Assert.Contains("public static void GlobalFlag() => Run(\"global-flag\");", File.ReadAllText(Path.Combine(_folder, "FlushVsLastTb.g.cs")));
        Assert.Contains("| global-flag | racy |", File.ReadAllText(page));
    }

    [Fact]
    public void List_names_every_variant()
    {
        (int exit, string output, _) = CommandLine.Run("list");

        Assert.Equal(0, exit);
        Assert.All(Verify.Scenarios.ScenarioCatalog.All.SelectMany(s => s.Variants), v => Assert.Contains(v.Name, output));
    }

    [Fact]
    public void Help_of_every_verb_gives_an_example()
    {
        foreach (string verb in (string[])["check", "test", "replay", "shrink", "show", "run", "rewrite", "merge", "mutate", "stress"])
        {
            (int exit, string output, _) = CommandLine.Run(verb, "--help");

            Assert.Equal(0, exit);
            Assert.Contains("Example: verify " + verb, output);
        }
    }

    [Fact]
    public void Rewrite_lists_what_is_outside_control_and_exits_1_until_it_is_allowed()
    {
        string engine = typeof(Verify.Engine.Execution.Machine).Assembly.Location;

        (int refusedExit, string refused, _) = CommandLine.Run("rewrite", engine, "--output", _folder);
        (int allowedExit, _, _) = CommandLine.Run(
            "rewrite", engine, "--output", Path.Combine(_folder, "b"),
            "--allow", "System.IO.File.ReadAllBytes", "--allow", "System.Threading.CancellationToken.Register",
            "--allow", "System.Threading.CancellationTokenRegistration.Dispose", "--allow", "Verify.Engine.Guest.GuestRam.Finalize",
            "--allow", "Verify.Engine.Backends.X64.CodeMemory.LibC",
            "--allow", "System.Reflection.MethodInfo.CreateDelegate");

        Assert.Equal(1, refusedExit);
        Assert.Matches(@"Refused: ElfLoader\.cs:\d+: System\.IO\.File\.ReadAllBytes", refused);
        Assert.Equal(0, allowedExit);
    }
}
