using System.Runtime.InteropServices;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>Puts what was explored and what was measured beside each other.</summary>
internal static class ComparisonMaker
{
    /// <summary>BenchmarkDotNet filters for all that <see cref="Make"/> reads.</summary>
    /// <param name="compared">What is compared.</param>
    /// <param name="quick">Without those that take long.</param>
    internal static IReadOnlyList<string> Filters(Compared compared, bool quick) =>
    [
        .. compared.Strategies.Count > 0 ? StrategyCosts.Filters : [],
        .. compared.Designs.Count > 0 ? DesignCosts.DirtyFilters(quick) : [],
        .. compared.RcuVariants.Count > 0 ? DesignCosts.RcuFilters : [],
    ];

    /// <param name="compared">What is compared.</param>
    /// <param name="exploration">What exploring it showed.</param>
    /// <param name="costs">What it costs; null when that was not asked for.</param>
    /// <param name="lines">The cache lines its events write; null when that was not asked for.</param>
    /// <param name="quick">For the record.</param>
    internal static Comparison Make(Compared compared, Exploration exploration, Measurements? costs, CacheLines? lines, bool quick)
    {
        ComparisonGroup[] groups =
        [
            Group(
                "Invalidation strategies: strategy / flush discipline / storage",
                StrategyCosts.Columns,
                [.. compared.Strategies.Select(s => new ComparisonRow(s.Name, exploration.Of(s.Name, Flaw(s), Own(s.Name, "--strategy")), StrategyCosts.Of(s, costs, lines)))]),
            Group(
                "Dirty-memory designs",
                DesignCosts.DirtyColumns,
                [.. compared.Designs.Select(d => new ComparisonRow(d.Name, exploration.Of(d.Name, d.IsSound ? null : d.Why, Own(d.Name, "--dirty")), DesignCosts.Of(d, costs, lines)))]),
            Group(
                "Variants of RCU",
                DesignCosts.RcuColumns,
                [.. compared.RcuVariants.Select(v => new ComparisonRow(v, exploration.Of(v, null), DesignCosts.OfRcu(v, costs, lines)))]),
        ];
        return new Comparison([.. groups.Where(g => g.Rows.Count > 0)], $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}", quick);
    }

    /// <summary>Why the catalogue calls a strategy unsound, or null.</summary>
    internal static string? Flaw(InvalidationEntry strategy) => strategy.UnsoundBecause
        ?? (strategy.MayExecuteRecycled ? "a flush that excludes nobody recycles the slot of a block that executes (TB05)" : null);

    private static ComparisonGroup Group(string title, IReadOnlyList<CostColumn> columns, IReadOnlyList<ComparisonRow> rows)
    {
        CostColumn[] measured = [.. columns.Where(c => rows.Any(r => r.Costs.ContainsKey(c.Key)))];
        return WithOverall(new ComparisonGroup(title, measured, rows, Advice.For(rows, measured)));
    }

    // What the recommendation goes by, as columns of their own, before the others.
    private static ComparisonGroup WithOverall(ComparisonGroup group)
    {
        ComparisonRow[] rated = [.. group.Rows.Where(r => r.Soundness.IsSound && group.Columns.All(c => r.Costs.ContainsKey(c.Key)))];
        if (rated.Length == 0 || group.Columns.All(c => c.Unit != "ns"))
        {
            return group;
        }

        string[] backends = [.. group.Columns.Select(c => c.Backend).Where(b => b.Length > 0).Distinct().DefaultIfEmpty("")];
        (CostColumn Column, Standing Standing)[] overall =
        [
            .. backends.Select((b, i) => (
                new CostColumn(i == 0 ? "overall" : "overall." + b, "all costs, over the best of each", "times", b), Standing.Of(rated, group.Columns, b))),
        ];
        return group with
        {
            Columns = [.. overall.Select(o => o.Column), .. group.Columns],
            Rows =
            [
                .. group.Rows.Select(r => !rated.Contains(r) ? r : r with
                {
                    Costs = r.Costs.Concat(overall.Select(o => KeyValuePair.Create(o.Column.Key, new Cost(o.Standing.Score(r))))).ToDictionary(),
                }),
            ],
        };
    }

    private static string Own(string name, string option) => StrategyLoader.Split(name) is null ? "" : $" {option} {name}";
}
