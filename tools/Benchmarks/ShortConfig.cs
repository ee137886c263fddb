using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace Verify.Benchmarks;

/// <summary>Short and in process: everything in minutes, on a machine shared with others.</summary>
public class ShortConfig : ManualConfig
{
    /// <summary>Environment variable; 1 takes a few single iterations of each benchmark.</summary>
    public const string QuickVariable = "VERIFY_BENCHMARK_QUICK";

    /// <summary>Whether <see cref="QuickVariable"/> is set.</summary>
    public static bool IsQuick => Environment.GetEnvironmentVariable(QuickVariable) == "1";

    public ShortConfig()
        : this(quickIterations: 7)
    {
    }

    protected ShortConfig(int quickIterations)
    {
        AddJob(IsQuick
            ? Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance).WithStrategy(RunStrategy.Monitoring).WithGcForce(false)
                .WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(1).WithIterationCount(quickIterations)
            : Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)
                .WithIterationTime(TimeInterval.FromMilliseconds(20)).WithIterationCount(15));
        AddExporter(JsonExporter.Brief);  // `verify compare` reads it.
        AddColumn(StatisticColumn.Min);  // On a machine shared with others the minimum is the figure that repeats.
        HideColumns(Column.Error, Column.RatioSD, Column.Median);
        WithOrderer(new BenchmarkDotNet.Order.DefaultOrderer(BenchmarkDotNet.Order.SummaryOrderPolicy.Method));
        WithSummaryStyle(BenchmarkDotNet.Reports.SummaryStyle.Default.WithMaxParameterColumnWidth(60));
    }
}

/// <summary>For benchmarks whose preparation takes much longer than they do.</summary>
public sealed class SlowSetupConfig() : ShortConfig(quickIterations: 3);
