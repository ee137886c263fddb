using Verify.Engine.Dirty;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>Puts what was explored and what was measured beside each other.</summary>
internal static class ComparisonMaker
{
    private static readonly CostColumn[] s_strategyColumns =
    [
        new("turn", "a turn of the main loop", "ns"),
        new("chained", "a chained block of one instruction", "ns"),
        new("invalidate", "invalidate, translate and link again", "ns"),
        new("flush1", "flush of 1 block", "ns"),
        new("flush1000", "flush of 1,000 blocks", "ns"),
        new("flush100000", "flush of 100,000 blocks", "ns"),
        .. from cpus in s_cpus select new CostColumn($"smc{cpus}", $"a store into code and its run, {Plural(cpus)}", "ns"),
        .. from cpus in s_cpus select new CostColumn($"storm{cpus}", $"8 blocks in a cache of 6, {Plural(cpus)}", "ns"),
        new("bytesTb", "memory per block slot", "B"),
        new("bytesCpu", "memory per vCPU", "B"),
        new("lines", "lines of code", "lines"),
    ];

    private static readonly CostColumn[] s_dirtyColumns =
    [
        new("set", "set one page, one client", "ns"),
        new("setAll", "set one page, all clients", "ns"),
        new("test", "test one page", "ns"),
    ];

    private static readonly CostColumn[] s_rcuColumns = [new("read", "a read section", "ns"), new("grace", "a grace period, readers outside", "ns")];

    /// <summary>BenchmarkDotNet filters for all that <see cref="Make"/> reads.</summary>
    internal static IReadOnlyList<string> Filters { get; } =
        ["*.BlockBenchmarks.*", "*.FlushBenchmarks.*", "*.GuestBenchmarks.*", "*.RcuBenchmarks*", "*.SinglePageBenchmarks*"];

    // Their names in the benchmarks.
    private static readonly Dictionary<string, string> s_dirtyTypes = new()
    {
        ["byte-flags"] = "ByteFlags",
        ["byte-flags-word-counter"] = "ByteFlagsWordCounter",
        ["byte-flags-summary-bit"] = "ByteFlagsSummaryBit",
        ["client-bitmaps"] = "ClientBitmaps",
        ["master-bitmap"] = "MasterBitmap",
        ["rcu-blocks"] = "RcuBlocks",
        ["rcu-blocks-asymmetric"] = "RcuBlocksAsymmetric",
    };

    private static readonly Dictionary<string, string> s_rcuTypes = new()
    {
        ["symmetric"] = "SymmetricRcu",
        ["asymmetric"] = "AsymmetricRcu",
        ["two-phase"] = "TwoPhaseRcu",
    };

    private static IEnumerable<int> s_cpus => [1, 2, 4];

    /// <param name="strategies">The strategies compared.</param>
    /// <param name="exploration">What exploring them showed.</param>
    /// <param name="costs">What they cost; null when that was not asked for.</param>
    /// <param name="quick">For the record.</param>
    internal static Comparison Make(IReadOnlyList<InvalidationEntry> strategies, Exploration exploration, Measurements? costs, bool quick)
    {
        string host = $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, "
            + $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}";
        return new Comparison(
            [
                Group(
                    "Invalidation strategies: strategy / flush discipline / storage",
                    s_strategyColumns,
                    [.. strategies.Select(s => new ComparisonRow(s.Name, exploration.Of(s.Name, Flaw(s), Own(s)), StrategyCosts(s, costs)))]),
                Group(
                    "Dirty-memory designs",
                    s_dirtyColumns,
                    [.. DirtyMemoryCatalog.All.Select(d => new ComparisonRow(d.Name, exploration.Of(d.Name, d.IsSound ? null : d.Why), DirtyCosts(d.Name, costs)))]),
                Group(
                    "Variants of RCU",
                    s_rcuColumns,
                    [.. Exploration.RcuVariants.Select(v => new ComparisonRow(v, exploration.Of(v, null), RcuCosts(v, costs)))]),
            ],
            host,
            quick);
    }

    /// <summary>Why the catalogue calls a strategy unsound, or null.</summary>
    internal static string? Flaw(InvalidationEntry strategy) => strategy.UnsoundBecause
        ?? (strategy.MayExecuteRecycled ? "a flush that excludes nobody recycles the slot of a block that executes (TB05)" : null);

    private static ComparisonGroup Group(string title, IReadOnlyList<CostColumn> columns, IReadOnlyList<ComparisonRow> rows)
    {
        CostColumn[] measured = [.. columns.Where(c => rows.Any(r => r.Costs.ContainsKey(c.Key)))];
        return new ComparisonGroup(title, measured, rows, Advice.For(rows, measured));
    }

    private static string Own(InvalidationEntry strategy) => StrategyLoader.Split(strategy.Name) is null ? "" : " --strategy " + strategy.Name;

    private static Dictionary<string, Cost> StrategyCosts(InvalidationEntry strategy, Measurements? costs)
    {
        string of = "Strategy=" + strategy.Name;
        var found = new Dictionary<string, Cost?>
        {
            ["turn"] = costs?.Of("BlockBenchmarks", "MainLoopTurn", of),
            ["invalidate"] = costs?.Of("BlockBenchmarks", "InvalidateRetranslateRelink", of),
            ["chained"] = costs?.Of("GuestBenchmarks", "Chained", "Cpus=1&" + of),
            ["bytesTb"] = new Cost(Footprint.BytesPerBlock(strategy)),
            ["bytesCpu"] = new Cost(Footprint.BytesPerCpu(strategy)),
            ["lines"] = Footprint.Lines(strategy) is { } lines ? new Cost(lines) : null,
        };
        foreach (int blocks in (int[])[1, 1000, 100_000])
        {
            found[$"flush{blocks}"] = costs?.Of("FlushBenchmarks", "Flush", $"Blocks={blocks}&{of}");
        }

        foreach (int cpus in s_cpus)
        {
            found[$"smc{cpus}"] = costs?.Of("GuestBenchmarks", "SelfModify", $"Cpus={cpus}&{of}");
            found[$"storm{cpus}"] = costs?.Of("GuestBenchmarks", "FlushStorm", $"Cpus={cpus}&{of}");
        }

        return Known(found);
    }

    private static Dictionary<string, Cost> DirtyCosts(string design, Measurements? costs)
    {
        string type = s_dirtyTypes.TryGetValue(design, out string? name) ? $"SinglePageBenchmarks<{name}>" : "";
        return Known(new()
        {
            ["set"] = costs?.Of(type, "SetOne"),
            ["setAll"] = costs?.Of(type, "SetAllClients"),
            ["test"] = costs?.Of(type, "TestOne"),
        });
    }

    private static Dictionary<string, Cost> RcuCosts(string variant, Measurements? costs)
    {
        string type = $"RcuBenchmarks<{s_rcuTypes[variant]}>";
        return Known(new() { ["read"] = costs?.Of(type, "ReadSection"), ["grace"] = costs?.Of(type, "GracePeriod") });
    }

    private static Dictionary<string, Cost> Known(Dictionary<string, Cost?> found) =>
        found.Where(c => c.Value is not null).ToDictionary(c => c.Key, c => c.Value!.Value);

    private static string Plural(int cpus) => cpus == 1 ? "1 vCPU" : $"{cpus} vCPUs";
}
