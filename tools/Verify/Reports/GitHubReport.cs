using System.Text;
using Verify.Checker.Campaigns;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Output;

namespace Verify.Cli.Reports;

/// <summary>GitHub workflow commands: an annotation a verdict that was not expected, at the last line that ran.</summary>
internal sealed class GitHubReport : IReport
{
    public string Name => "github";

    public string Summary => "annotations for GitHub Actions, on standard output";

    public string? FileName => null;

    public string Make(ReportInput input)
    {
        var text = new StringBuilder();
        foreach (CellStatus cell in input.Cells.Where(c => c.Verdict != "open" && !c.AsExpected))
        {
            string message = cell.Found?.Failure is { } failure
                ? $"{failure.Kind}: {Plain.OneLine(failure.Message)} Replay: {input.Replay(cell)}"
                : $"no failure in {cell.Schedules} schedules; one is expected";
            text.Append("::error ").Append(Place(cell.Found?.Schedule)).Append("title=").Append(Property(cell.Cell.Name)).Append("::")
                .Append(Data(message)).Append('\n');
        }

        return text.ToString();
    }

    private static string Place(Schedule? schedule)
    {
        Site? site = schedule?.Steps.Select(s => schedule.Sites[s.Site]).LastOrDefault(s => s.Line > 0 && SourcePath.Relative(s.File) is not null);
        return site is null ? "" : $"file={Property(SourcePath.Relative(site.File)!)},line={site.Line},";
    }

    // As the runner's own toolkit escapes them; otherwise a message could end the command and begin another.
    private static string Data(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
