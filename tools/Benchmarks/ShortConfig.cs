using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Verify.Benchmarks;

/// <summary>Short and in process: everything in minutes, on a machine shared with others.</summary>
public sealed class ShortConfig : ManualConfig
{
    /// <summary>Environment variable; 1 takes a few single iterations of each benchmark.</summary>
    public const string QuickVariable = "VERIFY_BENCHMARK_QUICK";

    public ShortConfig()
    {
        AddJob(Environment.GetEnvironmentVariable(QuickVariable) == "1"
            ? Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithStrategy(RunStrategy.Monitoring)
                .WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(3).WithIterationCount(9)
            : Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)
                .WithIterationTime(TimeInterval.FromMilliseconds(20)).WithIterationCount(15));
        AddExporter(JsonExporter.Brief);  // `verify compare` reads it.
        AddColumn(StatisticColumn.Min);  // On a machine shared with others the minimum is the figure that repeats.
        HideColumns(Column.Error, Column.RatioSD, Column.Median);
        WithOrderer(new BenchmarkDotNet.Order.DefaultOrderer(BenchmarkDotNet.Order.SummaryOrderPolicy.Method));
        WithSummaryStyle(BenchmarkDotNet.Reports.SummaryStyle.Default.WithMaxParameterColumnWidth(60));
    }
}
