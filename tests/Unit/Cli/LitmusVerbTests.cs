using System.Text.Json;

namespace Verify.Tests.Unit.Cli;

public sealed class LitmusVerbTests : IDisposable
{
    private const string Sb =
        """
        { "tests": [ { "name": "SB", "threads": [
            [ { "op": "W", "loc": "x", "val": 1 }, { "op": "R", "loc": "y", "reg": "r0" } ],
            [ { "op": "W", "loc": "y", "val": 1 }, { "op": "R", "loc": "x", "reg": "r0" } ] ],
          "final": { "exists": [ { "0:r0": 0, "1:r0": 0 } ] },
          "allowed": { "sc": false, "tso": ALLOWED, "dotnet": true } } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "tests.json");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void The_table_is_reached_exactly()
    {
        (int exit, string output, string error) = CommandLine.Run("litmus");

        Assert.True(exit == 0, output + error);
        Assert.Contains("All 237 outcome sets are as listed.", output);
        Assert.DoesNotContain("\u001b", output);
    }

    [Fact]
    public void A_file_of_the_users_is_run_and_an_expectation_that_does_not_hold_is_exit_code_1()
    {
        Assert.Equal(0, CommandLine.Run("litmus", Write(Sb.Replace("ALLOWED", "true"))).ExitCode);

        (int exit, string output, _) = CommandLine.Run("litmus", Write(Sb.Replace("ALLOWED", "false")), "--json");
        JsonElement row = JsonDocument.Parse(output).RootElement.EnumerateArray().Single(r => !r.GetProperty("asExpected").GetBoolean());

        Assert.Equal(1, exit);
        Assert.Equal("tso", row.GetProperty("model").GetString());
        Assert.Equal("allowed", row.GetProperty("condition").GetString());
    }

    [Theory]
    [InlineData("{ \"tests\": 5 }", "has none")]
    [InlineData("nonsense", "not JSON")]
    [InlineData("{ \"tests\": [ { \"name\": \"t\", \"threads\": [ [ { \"op\": \"JUMP\" } ] ] } ] }", "no operation 'JUMP'")]
    public void A_bad_file_is_one_line_and_exit_code_2(string text, string reason)
    {
        (int exit, string output, string error) = CommandLine.Run("litmus", Write(text));

        Assert.Equal(2, exit);
        Assert.Empty(output);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Contains(reason, error);
    }

    [Fact]
    public void A_missing_file_and_an_unknown_test_are_refused()
    {
        Assert.Equal(2, CommandLine.Run("litmus", "no/such.json").ExitCode);
        Assert.Equal(2, CommandLine.Run("litmus", "--test", "nothing").ExitCode);
        Assert.Equal(2, CommandLine.Run("litmus", "--model", "power").ExitCode);
    }

    [Fact]
    public void Check_runs_under_a_model_and_a_failure_found_so_replays()
    {
        (int exit, string output, string error) = CommandLine.Run(
            "check", "--scenario", "flush-vs-last-tb", "--variant", "global-flag", "--model", "dotnet", "--races", "report", "--output", _folder, "--workers", "1");
        Assert.True(exit == 0, output + error);
        string file = Path.Combine(_folder, "flush-vs-last-tb.global-flag.schedule.json");
        Assert.Contains("\"memory\": \"dotnet races=report\"", File.ReadAllText(file));

        (exit, output, error) = CommandLine.Run("replay", file, "--quiet");
        Assert.True(exit == 1, output + error);
    }
}
