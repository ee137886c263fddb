using System.Text.RegularExpressions;

namespace Verify.Tests.Unit.Docs;

/// <summary>docs/design: a page that says what is required says what is not met, and every test and source file it names exists.</summary>
public partial class DesignPageTests
{
    private static readonly string s_folder = Path.Combine(Repository.Folder, "docs", "design");

    private static readonly HashSet<string> s_sources =
        [.. ((string[])["src", "tests", "tools"]).SelectMany(d => Directory.EnumerateFiles(Path.Combine(Repository.Folder, d), "*.cs", SearchOption.AllDirectories))
            .Select(f => Path.GetFileNameWithoutExtension(f).Split('.')[0])];

    public static TheoryData<string> Pages => [.. Directory.GetFiles(s_folder, "*.md").Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void What_a_page_names_exists(string page)
    {
        string text = File.ReadAllText(Path.Combine(s_folder, page));
        Assert.All(NamesOfTests().Matches(text).Select(m => m.Value), name => Assert.Contains(name, s_sources));
        Assert.All(
            NamesOfFolders().Matches(text).Select(m => m.Groups[1].Value),
            folder => Assert.True(Path.Exists(Path.Combine(Repository.Folder, folder)) || s_sources.Contains(Path.GetFileName(folder)), folder));
    }

    [Theory]
    [InlineData("translation.md")]
    [InlineData("rcu.md")]
    [InlineData("exploration.md")]
    [InlineData("memory-models.md")]
    [InlineData("pictures.md")]
    public void A_page_has_requirement_solution_and_limitation(string page)
    {
        string[] headings = [.. File.ReadLines(Path.Combine(s_folder, page)).Where(l => l.StartsWith("## ", StringComparison.Ordinal))];
        Assert.Contains("## Requirement", headings);
        Assert.Contains(headings, h => h.StartsWith("## Current solution", StringComparison.Ordinal));
        Assert.Contains(headings, h => h.StartsWith("## Known limitation", StringComparison.Ordinal));
    }

    [GeneratedRegex("[A-Z][A-Za-z0-9]+Tests")]
    private static partial Regex NamesOfTests();

    [GeneratedRegex("`((?:src|tests|tools)/[A-Za-z0-9/]+)`")]
    private static partial Regex NamesOfFolders();
}
