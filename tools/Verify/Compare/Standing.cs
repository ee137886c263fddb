namespace Verify.Cli.Compare;

/// <summary>How designs stand with one back end: its columns, and those that have none.</summary>
/// <param name="Backend">"interp", "x64", or empty.</param>
/// <param name="Columns">The columns that count.</param>
/// <param name="Least">The best of each.</param>
/// <param name="Best">The row with the least score.</param>
internal sealed record Standing(string Backend, CostColumn[] Columns, double[] Least, ComparisonRow Best)
{
    /// <param name="rows">All of them have all columns; not empty.</param>
    /// <param name="all">All columns.</param>
    /// <param name="backend">Which of them count, besides those without a back end.</param>
    internal static Standing Of(IReadOnlyList<ComparisonRow> rows, IReadOnlyList<CostColumn> all, string backend)
    {
        CostColumn[] columns = [.. all.Where(c => c.Backend.Length == 0 || c.Backend == backend)];
        double[] least = [.. columns.Select(c => rows.Min(r => r.Costs[c.Key].Value))];
        return new Standing(backend, columns, least, rows.MinBy(r => Score(r, columns, least))!);
    }

    /// <summary>The geometric mean of the row's costs over the best in each column; 1 at best.</summary>
    internal double Score(ComparisonRow row) => Score(row, Columns, Least);

    /// <summary>How many times as much; counts may be 0, of which one more is no infinity.</summary>
    internal static double Ratio(CostColumn column, double value, double least) =>
        column.Unit == "lines" ? (value + 1) / (least + 1) : value / least;

    private static double Score(ComparisonRow row, CostColumn[] columns, double[] least) =>
        Math.Exp(columns.Select((c, i) => Math.Log(Ratio(c, row.Costs[c.Key].Value, least[i]))).Average());
}
