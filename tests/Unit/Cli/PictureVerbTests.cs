using System.Text.Json;

namespace Verify.Tests.Unit.Cli;

public sealed class PictureVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Check(params string[] more)
    {
        (int exit, string output, _) = CommandLine.Run(
            ["check", "--scenario", "flush-vs-last-tb", "--variant", "global-flag", "--model", "sc", "--output", _folder, "--json", .. more]);
        Assert.Equal(0, exit);
        return JsonDocument.Parse(output).RootElement.GetProperty("results")[0].GetProperty("replay").GetString()!;
    }

    [Fact]
    public void Check_leaves_the_shrunk_schedule_the_one_it_found_and_the_picture_of_both()
    {
        string file = Check();

        Assert.Equal(
            ["flush-vs-last-tb.global-flag.found.schedule.json", "flush-vs-last-tb.global-flag.html", "flush-vs-last-tb.global-flag.schedule.json"],
            Directory.GetFiles(_folder).Select(f => Path.GetFileName(f)).Where(f => f is not ("progress.json" or "report.html")).Order());
        string page = File.ReadAllText(Path.ChangeExtension(file.Replace(".schedule", "", StringComparison.Ordinal), ".html"));
        Assert.Contains("\"Shrunk\"", page);
        Assert.Contains("\"As found\"", page);

        (int exit, string output, _) = CommandLine.Run("replay", file, "--times", "3");
        Assert.Equal(1, exit);
        Assert.Contains("3 of 3 replays", output);
        Assert.Single(output.Split('\n'), l => l.Contains("╌╌ preempted ╌╌", StringComparison.Ordinal)); // one preemption is enough for TB01
    }

    [Fact]
    public void Shrink_and_show_do_by_hand_what_check_does_by_itself()
    {
        string file = Check("--no-shrink");
        string small = Path.Combine(_folder, "small.schedule.json"), page = Path.Combine(_folder, "small.html");

        (int shrinkExit, string shrunk, _) = CommandLine.Run("shrink", file, "-o", small, "--json");
        (int showExit, string text, _) = CommandLine.Run("show", small, "--width", "120");
        (int pageExit, string written, _) = CommandLine.Run("show", small, "--html", page);

        JsonElement result = JsonDocument.Parse(shrunk).RootElement;
        Assert.Equal((1, 1, 1), (shrinkExit, showExit, pageExit));
        Assert.True(result.GetProperty("minimal").GetBoolean());
        Assert.Equal(1, result.GetProperty("after").GetProperty("preemptions").GetInt32());
        Assert.Contains("patches a recycled block", text);
        Assert.All(text.TrimEnd().Split('\n'), l => Assert.True(l.Length <= 120, l));
        Assert.Equal(page, written.TrimEnd());
        Assert.Contains("</html>", File.ReadAllText(page));
    }
}
