using Verify.Tests.Unit.Cli;

namespace Verify.Tests.Unit.Packaging;

/// <summary>The packages, from a feed in a folder, in the project that docs/xunit.md shows.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "xunit.md"));

    private readonly string _folder = Directory.CreateTempSubdirectory("package").FullName;

    private string Feed => Path.Combine(_folder, "feed");

    private string Project => Path.Combine(_folder, "project");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_project_made_as_the_page_says_finds_its_race_replays_it_and_passes_when_it_is_mended()
    {
        Pack("src/Checker");
        Pack("src/Rewriter");
        MakeProject();

        (int racy, string found, _) = Test();
        Assert.True(racy == 1, found);
        Assert.Contains("Assertion: Assert.Equal() Failure: Values differ", found);
        Assert.Contains("shrunk to 1 preemption", found);
        Assert.DoesNotContain("VERIFY002", found);

        string schedule = Path.Combine(Project, "bin", "Release", "net10.0", "verify-out", "CounterTests.Both_increments_count.schedule.json");
        Assert.Contains("(replayed from " + schedule, Test("--no-build", "-e", "VERIFY_REPLAY=" + schedule).Output);

        string source = Path.Combine(Project, "CounterTests.cs");
        File.WriteAllText(source, File.ReadAllText(source).Replace("Volatile.Write(ref _value, Volatile.Read(ref _value) + 1)", "Interlocked.Increment(ref _value)"));
        (int mended, string clean, _) = Test();
        Assert.True(mended == 0, clean);
        Assert.Contains("smoke has been built anew since", Test("--no-build", "-e", "VERIFY_REPLAY=" + schedule).Output);

        (int unwritten, string refused, _) = Test("-p:VerifyRewrite=false");
        Assert.Equal(1, unwritten);
        Assert.Contains("smoke is not rewritten, so nothing in it is under control", refused);
    }

    [Fact]
    public void The_command_is_a_tool()
    {
        Pack("tools/Verify");
        string tools = Path.Combine(_folder, "tools");
        (int installed, string output, string error) = Dotnet(_folder, "tool", "install", "Verify.Cli", "--tool-path", tools, "--source", Feed);
        Assert.True(installed == 0, output + error);
        (int exitCode, string list, _) = CommandLine.RunProgram(_folder, Path.Combine(tools, "verify"), "list");
        Assert.Equal(0, exitCode);
        Assert.Contains("flush-vs-last-tb", list);
    }

    private static (int ExitCode, string Output, string Error) Dotnet(string folder, params string[] args) => CommandLine.RunProgram(folder, "dotnet", args);

    private (int ExitCode, string Output, string Error) Test(params string[] args) => Dotnet(Project, ["test", "-c", "Release", .. args]);

    private void Pack(string project)
    {
        (int exitCode, string output, string error) = Dotnet(
            Repository.Folder, "pack", project, "-c", BuiltAs, "--no-build", "-o", Feed);
        Assert.True(exitCode == 0, output + error);
    }

    // Its own packages folder: the version stays the same, and a packages folder keeps what it saw first.
    private void MakeProject()
    {
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(Project);
        File.WriteAllText(Path.Combine(Project, "smoke.csproj"), Block("xml"));
        File.WriteAllText(Path.Combine(Project, "CounterTests.cs"), Block("csharp"));
        File.WriteAllText(
            Path.Combine(Project, "Directory.Build.props"),
            $"""
            <Project>
              <PropertyGroup>
                <RestorePackagesPath>{Path.Combine(_folder, "packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{packages}</RestoreFallbackFolders>
                <RestoreAdditionalProjectSources>{Feed}</RestoreAdditionalProjectSources>
              </PropertyGroup>
            </Project>
            """);
    }

    private static string BuiltAs => Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    private static string Block(string language)
    {
        int start = s_page.IndexOf("```" + language, StringComparison.Ordinal) + language.Length + 3;
        return s_page[start..s_page.IndexOf("```", start, StringComparison.Ordinal)].TrimStart();
    }
}
