using System.Globalization;

namespace Verify.Cli.Compare;

/// <summary>What follows from the table: which design to take, and when another wins.</summary>
internal static class Advice
{
    private const double Worth = 1.25; // less of a difference than noise makes
    private const double Level = 1.1;  // costs the same, for all we know

    /// <summary>Sentences for a group; only what explored clean is recommended.</summary>
    internal static IReadOnlyList<string> For(IReadOnlyList<ComparisonRow> rows, IReadOnlyList<CostColumn> columns)
    {
        List<string> against = Against(rows);
        ComparisonRow[] sound = [.. rows.Where(r => r.Soundness.IsSound)];
        if (sound.Length == 0)
        {
            return ["Nothing can be recommended: no design was explored to the end without a race.", .. against];
        }

        ComparisonRow[] measured = [.. sound.Where(r => columns.All(c => r.Costs.ContainsKey(c.Key)))];
        if (columns.Count == 0 || measured.Length == 0)
        {
            return [$"No race was found in {Names(sound)}; costs were not measured, so none of them is preferred.", .. against];
        }

        // One back end decides, and the others are asked whether they agree.
        string[] backends = [.. columns.Select(c => c.Backend).Where(b => b.Length > 0).Distinct()];
        Standing first = Standing.Of(measured, columns, backends.FirstOrDefault(""));
        ComparisonRow best = first.Best;
        var advice = new List<string>
        {
            $"Take {best.Name}: no race in {Count(best)} schedules under {string.Join(", ", best.Soundness.Models)}, and the lowest costs of those without "
            + $"one ({Times(first.Score(best))} times the best of each column, in geometric mean).",
        };
        ComparisonRow[] level = [.. measured.Where(r => r != best && first.Score(r) < Level * first.Score(best))];
        if (level.Length > 0)
        {
            advice.Add($"{Names(level)} {(level.Length == 1 ? "costs" : "cost")} the same within a tenth.");
        }

        foreach (Standing other in backends.Skip(1).Select(b => Standing.Of(measured, columns, b)))
        {
            advice.Add(other.Score(best) < Level * other.Score(other.Best)
                ? $"With the {other.Backend} back end the choice is the same."
                : $"With the {other.Backend} back end take {other.Best.Name} instead: {Times(other.Score(other.Best))} times the best of each column, "
                + $"against {Times(other.Score(best))} of {best.Name}.");
        }

        foreach (CostColumn column in columns)
        {
            ComparisonRow other = measured.MinBy(r => r.Costs[column.Key].Value)!;
            if (Standing.Ratio(column, best.Costs[column.Key].Value, other.Costs[column.Key].Value) > Worth && !best.Costs[column.Key].Noisy)
            {
                advice.Add($"{other.Name} wins where \"{column.FullTitle}\" decides: {Text(other, column)} against {Text(best, column)}.");
            }
        }

        if (columns.Any(c => measured.Any(r => r.Costs[c.Key].Noisy)))
        {
            advice.Add("Figures marked ~ were disturbed by other work: measure again on a quiet machine before relying on them.");
        }

        return [.. advice, .. against];
    }

    private static List<string> Against(IReadOnlyList<ComparisonRow> rows)
    {
        var advice = new List<string>();
        if (Names(rows.Where(r => r.Soundness.Races.Count > 0)) is { Length: > 0 } racy)
        {
            advice.Add($"Do not take {racy}: a race was found in each, and its schedule replays.");
        }

        foreach (ComparisonRow row in rows.Where(r => r.Soundness.Verdict == "unsound"))
        {
            advice.Add($"Do not take {row.Name}: {row.Soundness.KnownFlaw}. {Count(row)} schedules did not show it; more may.");
        }

        return advice;
    }

    /// <summary>A cost with its unit, to three digits.</summary>
    internal static string Text(ComparisonRow row, CostColumn column) =>
        row.Costs.TryGetValue(column.Key, out Cost cost) ? Number(cost.Value, column.Unit) + " " + column.Unit + (cost.Noisy ? " ~" : "") : "";

    private static string Number(double value, string unit) =>
        value.ToString(unit == "times" ? "0.00" : unit == "ns" && value < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    private static string Times(double score) => score.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Names(IEnumerable<ComparisonRow> rows) => string.Join(", ", rows.Select(r => r.Name));

    private static string Count(ComparisonRow row) => row.Soundness.Schedules.ToString("N0", CultureInfo.InvariantCulture);
}
