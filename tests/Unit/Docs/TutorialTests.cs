using Verify.Tests.Unit.Cli;

namespace Verify.Tests.Unit.Docs;

/// <summary>docs/tutorial.md: each of its commands, as it stands there, ends as the page says.</summary>
public sealed class TutorialTests : IDisposable
{
    private static readonly string[] s_commands =
        [.. File.ReadLines(Path.Combine(Repository.Folder, "docs", "tutorial.md")).Where(l => l.StartsWith("    verify ", StringComparison.Ordinal)).Select(l => l.Trim())];

    private readonly string _folder = Directory.CreateTempSubdirectory("tutorial").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_commands_end_as_it_says()
    {
        (string Says, int ExitCode)[] expected =
        [
            ("patches a recycled block", 0),
            ("Reproduced Assertion", 1),
            ("patches a recycled block", 1),
            ("All 7 verdicts are as expected", 0),
            ("complete", 0),
            ("the flag is up and the letter is not there", 1),
            ("Volatile.Write", 1),
        ];
        Assert.Equal(expected.Length, s_commands.Length);
        foreach ((string command, (string says, int exitCode)) in s_commands.Zip(expected))
        {
            string[] words = command.Replace("tests/Sct/bin/Release/net10.0", AppContext.BaseDirectory.TrimEnd('/')).Split(' ')[1..];
            (int ended, string output, string error) = CommandLine.RunIn(_folder, words);
            Assert.True(ended == exitCode, $"{command} ended with {ended}\n{output}{error}");
            Assert.True((output + error).Contains(says, StringComparison.Ordinal), $"{command} does not say '{says}'\n{output}{error}");
        }
    }
}
