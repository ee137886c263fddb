using Spectre.Console;
using Spectre.Console.Rendering;
using Verify.Checker.Campaigns;

namespace Verify.Cli.Output;

/// <summary>All verdicts of a campaign on one screen: a row a test, a column a memory model, a sign a variant.</summary>
internal sealed class CampaignMatrix
{
    /// <summary>What the signs mean.</summary>
    internal const string Legend = "✓ clean, ✗ racy as expected, ! not as expected, … being tried, · not yet";

    private const int RowWidth = 22; // of a test's name, at least
    private readonly IReadOnlyList<string> _models;
    private readonly IGrouping<string, (CellStatus Cell, string Model)>[] _tests;

    /// <param name="cells">In the order of the plan.</param>
    /// <param name="models">The first is that of cells without one of their own.</param>
    internal CampaignMatrix(IReadOnlyList<CellStatus> cells, IReadOnlyList<string> models)
    {
        _models = models;
        _tests = [.. cells.Select(c => (c, c.Cell.Model.Length == 0 ? models[0] : c.Cell.Model)).GroupBy(c => c.c.Cell.Test)];
    }

    /// <summary>The matrix, in as many columns as fit; when it is higher than <paramref name="height"/>, what is done is counted only.</summary>
    internal IRenderable Draw(int width, int height)
    {
        int name = Math.Max(RowWidth, _tests.Select(t => t.Key.Length).DefaultIfEmpty(0).Max());
        int signs = Math.Max(6, _tests.Select(t => t.Count() / _models.Count).DefaultIfEmpty(0).Max());
        int columns = Math.Max(1, width / (name + ((signs + 1) * _models.Count) + 3));
        IGrouping<string, (CellStatus Cell, string Model)>[] shown = _tests;
        int most = Math.Max(4, height - 3) * columns;
        if (shown.Length > most)
        {
            shown = [.. _tests.OrderBy(t => t.All(IsDone)).ThenBy(t => !t.Any(c => IsUnexpected(c.Cell))).Take(most)];
        }

        int rows = (shown.Length + columns - 1) / columns;
        var grid = new Grid();
        var tables = new List<IRenderable>();
        for (int first = 0; first < shown.Length; first += rows)
        {
            var table = new Table().NoBorder();
            table.AddColumn(new TableColumn("[grey]test[/]").NoWrap().Width(name));
            foreach (string model in _models)
            {
                table.AddColumn(new TableColumn($"[grey]{model}[/]").NoWrap().Width(signs));
            }

            foreach (var test in shown.Skip(first).Take(rows))
            {
                table.AddRow([Markup.Escape(test.Key), .. _models.Select(m => string.Concat(test.Where(c => c.Model == m).Select(c => Sign(c.Cell))))]);
            }

            tables.Add(table);
            grid.AddColumn(new GridColumn().NoWrap());
        }

        grid.AddRow([.. tables]);
        return _tests.Length == shown.Length ? grid : new Rows(grid, new Markup($"[grey]and {_tests.Length - shown.Length} more[/]"));
    }

    /// <summary>Counts in one line.</summary>
    internal static string Counts(IReadOnlyList<CellStatus> cells) =>
        $"{cells.Count(c => c.Verdict != "open"):N0} of {cells.Count:N0} verdicts, {cells.Count(c => c.Found is not null):N0} racy, "
        + $"{cells.Count(IsUnexpected):N0} not as expected, {cells.Sum(c => c.Schedules):N0} schedules";

    private static bool IsUnexpected(CellStatus cell) => cell.Verdict != "open" && !cell.AsExpected;

    private static bool IsDone((CellStatus Cell, string Model) cell) => cell.Cell.Verdict != "open" && cell.Cell.AsExpected;

    private static string Sign(CellStatus cell) =>
        cell.Verdict == "open" ? cell.Schedules > 0 ? "[grey]…[/]" : "[grey]·[/]"
        : !cell.AsExpected ? "[red]![/]"
        : cell.Found is null ? "[green]✓[/]" : "[yellow]✗[/]";
}
