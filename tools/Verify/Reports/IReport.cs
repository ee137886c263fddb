using Verify.Checker.Campaigns;

namespace Verify.Cli.Reports;

/// <summary>What a campaign showed, in a form other programs read.</summary>
internal interface IReport
{
    /// <summary>As given to <c>--format</c>.</summary>
    string Name { get; }

    /// <summary>A line for <c>--help</c>.</summary>
    string Summary { get; }

    /// <summary>File in the output folder; null for standard output.</summary>
    string? FileName { get; }

    /// <summary>The text of the report.</summary>
    string Make(ReportInput input);
}

/// <param name="Command">The verb: <c>check</c> or <c>test</c>.</param>
/// <param name="Cells">In the order of the plan.</param>
/// <param name="Replay">The command that replays what was found in a cell.</param>
/// <param name="Folder">The output folder.</param>
internal sealed record ReportInput(string Command, IReadOnlyList<CellStatus> Cells, Func<CellStatus, string> Replay, string Folder);

/// <summary>The only list of reports.</summary>
internal static class ReportCatalog
{
    internal static IReadOnlyList<IReport> All { get; } = [new JUnitReport(), new SarifReport(), new GitHubReport(), new HtmlReport()];
}
