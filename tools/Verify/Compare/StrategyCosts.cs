using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>The columns of invalidation strategies, and where their figures come from.</summary>
internal static class StrategyCosts
{
    private static readonly string[] s_backends = ["interp", "x64"];
    private static readonly int[] s_cpus = [1, 2, 4], s_blocks = [1, 1000, 100_000];

    /// <summary>All that can be measured; a comparison shows those that were.</summary>
    internal static IReadOnlyList<CostColumn> Columns { get; } =
    [
        .. s_backends.SelectMany(Timed),
        new("linesTurn", "cache lines written by a turn of the main loop", "lines"),
        new("linesInvalidate", "cache lines written by invalidating one linked block", "lines"),
        new("linesFlush1", "cache lines written by a flush of 1 block, 2 vCPUs", "lines"),
        new("linesFlush100", "cache lines written by a flush of 100 blocks, 2 vCPUs", "lines"),
        new("bytesTb", "memory per block slot", "B"),
        new("bytesCpu", "memory per vCPU", "B"),
        new("code", "lines of code", "lines"),
    ];

    /// <summary>BenchmarkDotNet filters for all that <see cref="Of"/> reads.</summary>
    internal static IReadOnlyList<string> Filters { get; } = ["*.BlockBenchmarks.*", "*.ChainBenchmarks.*", "*.FlushBenchmarks.*", "*.GuestBenchmarks.*"];

    /// <summary>What is known of one strategy.</summary>
    internal static Dictionary<string, Cost> Of(InvalidationEntry strategy, Measurements? costs, CacheLines? lines)
    {
        string of = "Strategy=" + strategy.Name;
        var found = new Dictionary<string, Cost?>
        {
            ["linesTurn"] = lines?.Of("strategy", "turn", strategy.Name),
            ["linesInvalidate"] = lines?.Of("strategy", "invalidate", strategy.Name),
            ["linesFlush1"] = lines?.Of("strategy", "flush1", strategy.Name),
            ["linesFlush100"] = lines?.Of("strategy", "flush100", strategy.Name),
            ["bytesTb"] = new Cost(Footprint.BytesPerBlock(strategy)),
            ["bytesCpu"] = new Cost(Footprint.BytesPerCpu(strategy)),
            ["code"] = Footprint.Lines(strategy) is { } code ? new Cost(code) : null,
        };
        foreach (string backend in s_backends)
        {
            string on = "Backend=" + backend;
            found[Key("turn", backend)] = costs?.Of("BlockBenchmarks", "MainLoopTurn", of, on);
            found[Key("invalidate", backend)] = costs?.Of("BlockBenchmarks", "InvalidateRetranslateRelink", of, on);
            found[Key("chained", backend)] = costs?.Of("ChainBenchmarks", "Chained", of, on);
            found[Key("indirect", backend)] = costs?.Of("ChainBenchmarks", "Indirect", of, on);
            foreach (int blocks in s_blocks)
            {
                found[Key($"flush{blocks}", backend)] = costs?.Of("FlushBenchmarks", "Flush", of, on, $"Blocks={blocks}");
            }

            foreach (int cpus in s_cpus)
            {
                found[Key($"smc{cpus}", backend)] = costs?.Of("GuestBenchmarks", "SelfModify", of, $"Machine={backend}/{cpus}");
                found[Key($"storm{cpus}", backend)] = costs?.Of("GuestBenchmarks", "FlushStorm", of, $"Machine={backend}/{cpus}");
            }
        }

        return DesignCosts.Known(found);
    }

    private static IEnumerable<CostColumn> Timed(string backend) =>
    [
        new(Key("turn", backend), "a turn of the main loop", "ns", backend),
        new(Key("chained", backend), "a chained block of one instruction", "ns", backend),
        new(Key("indirect", backend), "a block that is looked up by an indirect jump", "ns", backend),
        new(Key("invalidate", backend), "invalidate, translate and link again", "ns", backend),
        .. s_blocks.Select(blocks => new CostColumn(Key($"flush{blocks}", backend), $"flush of {(blocks == 1 ? "1 block" : $"{blocks:N0} blocks")}", "ns", backend)),
        .. s_cpus.Select(cpus => new CostColumn(Key($"smc{cpus}", backend), $"a store into code and its run, {Plural(cpus)}", "ns", backend)),
        .. s_cpus.Select(cpus => new CostColumn(Key($"storm{cpus}", backend), $"8 blocks in a cache of 6, {Plural(cpus)}", "ns", backend)),
    ];

    private static string Key(string column, string backend) => backend == "interp" ? column : $"{column}.{backend}";

    private static string Plural(int cpus) => cpus == 1 ? "1 vCPU" : $"{cpus} vCPUs";
}
