using System.Text.RegularExpressions;
using Verify.Tests.Unit.Cli;

namespace Verify.Tests.Unit.Docs;

/// <summary>README.md: what it shows of a race is what the command prints, but for numbers and places, which move with the code.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly string s_readme = File.ReadAllText(Path.Combine(Repository.Folder, "README.md"));

    private readonly string _folder = Directory.CreateTempSubdirectory("readme").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_race_it_shows_is_found_in_these_words_and_drawn_with_these_events()
    {
        (int found, string table, string error) = CommandLine.RunIn(
            _folder, "check", "--scenario", "flush-vs-last-tb", "--variant", "global-flag", "--model", "sc", "--schedules", "50");
        Assert.True(found == 0, table + error);
        string message = s_readme[s_readme.IndexOf("flush-vs-last-tb/global-flag: Assertion", StringComparison.Ordinal)..];
        message = message[..message.IndexOf(" (portfolio", StringComparison.Ordinal)];
        Assert.Contains(Words(message), Words(table), StringComparison.Ordinal);

        (int replayed, string picture, _) = CommandLine.RunIn(_folder, "replay", Path.Combine("verify-out", "flush-vs-last-tb.global-flag.schedule.json"));
        Assert.Equal(1, replayed);
        string words = Words(picture);
        string[] shown = [.. s_readme.Split('\n').Where(l => EventLine().IsMatch(l)).Select(l => Words(EventLine().Match(l).Groups[1].Value))];
        Assert.True(shown.Length > 5);
        Assert.All(shown, line => Assert.Contains(line, words, StringComparison.Ordinal));
    }

    // Without numbers, and with every run of blanks as one.
    private static string Words(string text) => Blanks().Replace(Numbers().Replace(text, "#"), " ").Trim();

    [GeneratedRegex("0x[0-9a-f]+|[0-9]+")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    // Number, operation and object; what is cut short by the column is not looked at.
    [GeneratedRegex(@"^ +[0-9]+ +([a-z]+ [A-Za-z]+\.[A-Za-z_]+)")]
    private static partial Regex EventLine();
}
