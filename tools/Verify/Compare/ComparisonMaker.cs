using System.Runtime.InteropServices;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>Puts what was explored and what was measured beside each other.</summary>
internal static class ComparisonMaker
{
    /// <summary>BenchmarkDotNet filters for all that <see cref="Make"/> reads.</summary>
    /// <param name="quick">Without those that take long.</param>
    internal static IReadOnlyList<string> Filters(bool quick) => [.. StrategyCosts.Filters, .. DesignCosts.Filters(quick)];

    /// <param name="compared">What is compared.</param>
    /// <param name="exploration">What exploring it showed.</param>
    /// <param name="costs">What it costs; null when that was not asked for.</param>
    /// <param name="lines">The cache lines its events write; null when that was not asked for.</param>
    /// <param name="quick">For the record.</param>
    internal static Comparison Make(Compared compared, Exploration exploration, Measurements? costs, CacheLines? lines, bool quick) => new(
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
                [.. Compared.RcuVariants.Select(v => new ComparisonRow(v, exploration.Of(v, null), DesignCosts.OfRcu(v, costs, lines)))]),
        ],
        $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
        quick);

    /// <summary>Why the catalogue calls a strategy unsound, or null.</summary>
    internal static string? Flaw(InvalidationEntry strategy) => strategy.UnsoundBecause
        ?? (strategy.MayExecuteRecycled ? "a flush that excludes nobody recycles the slot of a block that executes (TB05)" : null);

    private static ComparisonGroup Group(string title, IReadOnlyList<CostColumn> columns, IReadOnlyList<ComparisonRow> rows)
    {
        CostColumn[] measured = [.. columns.Where(c => rows.Any(r => r.Costs.ContainsKey(c.Key)))];
        return new ComparisonGroup(title, measured, rows, Advice.For(rows, measured));
    }

    private static string Own(string name, string option) => StrategyLoader.Split(name) is null ? "" : $" {option} {name}";
}
