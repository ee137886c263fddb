using System.Globalization;
using System.Text;
using Spectre.Console;
using Verify.Cli.Output;

namespace Verify.Cli.Compare;

/// <summary>A comparison for a terminal, which shows what decides, and as Markdown, which shows all.</summary>
internal static class ComparisonText
{
    // What tells designs apart; the rest is in the files.
    private static readonly string[] s_shown =
    [
        "overall", "overall.x64", "turn", "invalidate", "flush100000", "smc2", "storm2", "invalidate.x64", "smc2.x64", "storm2.x64", "linesFlush100",
        "set", "setAll", "test", "syncSparse", "linesSet", "linesClear", "read", "grace", "linesRead",
    ];

    internal static void Write(Comparison comparison)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 200; // a log has no width to fit
        }

        foreach (ComparisonGroup group in comparison.Groups)
        {
            CostColumn[] columns = [.. group.Columns.Where(c => s_shown.Contains(c.Key))];
            var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded).Title(Markup.Escape(group.Title));
            foreach (string column in (string[])["design", "found", "schedules", .. columns.Select(c => $"{c.FullTitle} ({c.Unit})")])
            {
                var shown = new TableColumn(Markup.Escape(column));
                table.AddColumn(column == "design" ? shown.NoWrap() : shown);
            }

            foreach (ComparisonRow row in group.Rows)
            {
                string colour = !row.Soundness.AsExpected ? "red" : row.Soundness.Verdict switch { "clean" => "green", "racy" or "unsound" => "yellow", _ => "grey" };
                table.AddRow(
                [
                    Markup.Escape(row.Name),
                    $"[{colour}]{row.Soundness.Verdict}[/]" + (row.Soundness.AsExpected ? "" : " [red](not as the catalogue says)[/]"),
                    row.Soundness.Schedules.ToString("N0", CultureInfo.InvariantCulture) + (row.Soundness.Open > 0 ? $", {row.Soundness.Open} open" : ""),
                    .. columns.Select(c => Markup.Escape(Figure(row, c))),
                ]);
            }

            AnsiConsole.Write(table);
            foreach (string sentence in group.Advice)
            {
                Console.WriteLine("  " + sentence);
            }

            Console.WriteLine();
        }
    }

    /// <summary>Everything, as Markdown.</summary>
    internal static string Markdown(Comparison comparison)
    {
        var text = new StringBuilder("# Comparison\n\n");
        text.Append($"{comparison.Host}. {(comparison.Quick ? "Quick: a few iterations of each benchmark. " : "")}Times are minima in ns; ~ marks those whose median is over 1.5 times as much.\n");
        foreach (ComparisonGroup group in comparison.Groups)
        {
            text.Append($"\n## {group.Title}\n\n");
            foreach (string sentence in group.Advice)
            {
                text.Append($"- {sentence}\n");
            }

            text.Append("\n| design | found | schedules | models | first race | replay |\n|---|---|---:|---|---|---|\n");
            foreach (ComparisonRow row in group.Rows)
            {
                FoundRace? race = row.Soundness.Races.FirstOrDefault();
                string open = row.Soundness.Open > 0 ? $", {row.Soundness.Open} open" : "";
                text.Append($"| {row.Name} | {row.Soundness.Verdict}{(row.Soundness.AsExpected ? "" : ", not as the catalogue says")} ")
                    .Append($"| {row.Soundness.Schedules.ToString("N0", CultureInfo.InvariantCulture)}{open} | {string.Join(", ", row.Soundness.Models)} ")
                    .Append(race is null ? "| | |\n" : $"| {race.Scenario}: {Plain.OneLine(race.Message).Replace("|", "\\|")} | `{race.Replay}` |\n");
            }

            if (group.Columns.Count > 0)
            {
                text.Append($"\n| cost | back end | {string.Join(" | ", group.Rows.Where(Measured).Select(r => r.Name))} |\n|---|---|{string.Concat(group.Rows.Where(Measured).Select(_ => "---:|"))}\n");
                foreach (CostColumn column in group.Columns)
                {
                    text.Append($"| {column.Title} ({column.Unit}) | {column.Backend} | {string.Join(" | ", group.Rows.Where(Measured).Select(r => Figure(r, column)))} |\n");
                }
            }
        }

        return text.ToString();
    }

    private static bool Measured(ComparisonRow row) => row.Costs.Count > 0;

    private static string Figure(ComparisonRow row, CostColumn column) =>
        row.Costs.TryGetValue(column.Key, out Cost cost)
            ? cost.Value.ToString(cost.Value < 10 ? "0.##" : cost.Value < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture) + (cost.Noisy ? " ~" : "")
            : "";
}
