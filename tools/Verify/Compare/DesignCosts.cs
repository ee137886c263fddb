using Verify.Engine.Dirty;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>The columns of dirty-memory designs and of variants of RCU, and where their figures come from.</summary>
internal static class DesignCosts
{
    private const long Pages = (1L << 30) >> 12; // of 1 GiB of guest memory

    /// <summary>Columns of dirty-memory designs.</summary>
    internal static IReadOnlyList<CostColumn> DirtyColumns { get; } =
    [
        new("set", "set one page, one client", "ns"),
        new("setAll", "set one page, all clients", "ns"),
        new("test", "test one page", "ns"),
        new("search", "search 32 MiB of clean memory", "ns"),
        new("syncClean", "synchronize 32 MiB, nothing dirty", "ns"),
        new("syncSparse", "synchronize 32 MiB, one page in 64 dirty", "ns"),
        new("linesSet", "cache lines written by setting one page, one client", "lines"),
        new("linesSetAll", "cache lines written by setting one page, all clients", "lines"),
        new("linesTest", "cache lines written by testing one page", "lines"),
        new("linesClear", "cache lines written by clearing one dirty page", "lines"),
        new("linesSync", "cache lines written by synchronizing 4,096 pages, one in 64 dirty", "lines"),
        new("bytes", "bitmaps for 1 GiB of guest memory", "B"),
    ];

    /// <summary>Columns of variants of RCU.</summary>
    internal static IReadOnlyList<CostColumn> RcuColumns { get; } =
    [
        new("read", "a read section", "ns"),
        new("grace", "a grace period, readers outside", "ns"),
        new("linesRead", "cache lines written by a read section", "lines"),
        new("linesGrace", "cache lines written by a grace period", "lines"),
    ];

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

    /// <summary>BenchmarkDotNet filters for variants of RCU.</summary>
    internal static IReadOnlyList<string> RcuFilters { get; } = ["*.RcuBenchmarks*"];

    /// <summary>BenchmarkDotNet filters for dirty-memory designs.</summary>
    /// <param name="quick">Without those that take long.</param>
    internal static IReadOnlyList<string> DirtyFilters(bool quick) =>
        quick ? ["*.SinglePageBenchmarks*"] : ["*.SinglePageBenchmarks*", "*.RangeBenchmarks*AnyOfClean", "*.SyncBenchmarks*"];

    /// <summary>What is known of one dirty-memory design.</summary>
    internal static Dictionary<string, Cost> Of(DirtyMemoryEntry design, Measurements? costs, CacheLines? lines)
    {
        string? type = StrategyLoader.Split(design.Name) is var (_, own) ? $"OwnDesign<{own[(own.LastIndexOf('.') + 1)..]}" : s_dirtyTypes.GetValueOrDefault(design.Name);
        return Known(new()
        {
            ["set"] = costs?.Of($"SinglePageBenchmarks<{type}>", "SetOne"),
            ["setAll"] = costs?.Of($"SinglePageBenchmarks<{type}>", "SetAllClients"),
            ["test"] = costs?.Of($"SinglePageBenchmarks<{type}>", "TestOne"),
            ["search"] = costs?.Of($"RangeBenchmarks<{type}>", "AnyOfClean"),
            ["syncClean"] = costs?.Of($"SyncBenchmarks<{type}>", "Sync", "OneDirtyIn=0"),
            ["syncSparse"] = costs?.Of($"SyncBenchmarks<{type}>", "Sync", "OneDirtyIn=64"),
            ["linesSet"] = lines?.Of("dirty", "set", design.Name),
            ["linesSetAll"] = lines?.Of("dirty", "setAll", design.Name),
            ["linesTest"] = lines?.Of("dirty", "test", design.Name),
            ["linesClear"] = lines?.Of("dirty", "clear", design.Name),
            ["linesSync"] = lines?.Of("dirty", "sync", design.Name),
            ["bytes"] = BitmapBytes(design),
        });
    }

    /// <summary>What is known of one variant of RCU.</summary>
    internal static Dictionary<string, Cost> OfRcu(string variant, Measurements? costs, CacheLines? lines) => Known(new()
    {
        ["read"] = costs?.Of($"RcuBenchmarks<{s_rcuTypes[variant]}>", "ReadSection"),
        ["grace"] = costs?.Of($"RcuBenchmarks<{s_rcuTypes[variant]}>", "GracePeriod"),
        ["linesRead"] = lines?.Of("rcu", "read", variant),
        ["linesGrace"] = lines?.Of("rcu", "grace", variant),
    });

    /// <summary>Without what was not measured.</summary>
    internal static Dictionary<string, Cost> Known(Dictionary<string, Cost?> found) =>
        found.Where(c => c.Value is not null).ToDictionary(c => c.Key, c => c.Value!.Value);

    private static Cost BitmapBytes(DirtyMemoryEntry entry)
    {
        using IDirtyMemoryDesign design = entry.Create(new DirtyMemoryOptions { Pages = Pages, MaxPages = Pages, BlockPages = Pages });
        return new Cost(design.BitmapBytes);
    }
}
