using System.Globalization;

namespace Verify.Cli.Compare;

/// <summary>What follows from the table: which design to take, and when another wins.</summary>
internal static class Advice
{
    private const double Worth = 1.25; // less of a difference than noise makes

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

        double[] least = [.. columns.Select(c => measured.Min(r => r.Costs[c.Key].Value))];
        double Score(ComparisonRow row) => Math.Exp(columns.Select((c, i) => Math.Log(row.Costs[c.Key].Value / least[i])).Average());
        ComparisonRow best = measured.MinBy(Score)!;
        var advice = new List<string>
        {
            $"Take {best.Name}: no race in {Count(best)} schedules under {string.Join(", ", best.Soundness.Models)}, and the lowest costs of those without "
            + $"one ({Score(best).ToString("0.00", CultureInfo.InvariantCulture)} times the best of each column, in geometric mean).",
        };
        ComparisonRow[] level = [.. measured.Where(r => r != best && Score(r) < 1.1 * Score(best))];
        if (level.Length > 0)
        {
            advice.Add($"{Names(level)} {(level.Length == 1 ? "costs" : "cost")} the same within a tenth.");
        }

        for (int i = 0; i < columns.Count; i++)
        {
            CostColumn column = columns[i];
            ComparisonRow other = measured.MinBy(r => r.Costs[column.Key].Value)!;
            if (best.Costs[column.Key].Value > Worth * least[i] && !best.Costs[column.Key].Noisy)
            {
                advice.Add($"{other.Name} wins where \"{column.Title}\" decides: {Text(other, column)} against {Text(best, column)}.");
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
        row.Costs.TryGetValue(column.Key, out Cost cost) ? Number(cost.Value) + " " + column.Unit + (cost.Noisy ? " ~" : "") : "";

    private static string Number(double value) => value.ToString(value < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    private static string Names(IEnumerable<ComparisonRow> rows) => string.Join(", ", rows.Select(r => r.Name));

    private static string Count(ComparisonRow row) => row.Soundness.Schedules.ToString("N0", CultureInfo.InvariantCulture);
}
