using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Verify.Benchmarks.Translation;

/// <summary>Short and in process: all strategies in minutes, on a machine shared with others.</summary>
public sealed class TranslationConfig : ManualConfig
{
    public TranslationConfig()
    {
        AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)
            .WithIterationTime(TimeInterval.FromMilliseconds(20)).WithIterationCount(15));
        AddColumn(StatisticColumn.Min);  // On a machine shared with others the minimum is the figure that repeats.
        HideColumns(Column.Error, Column.RatioSD, Column.Median);
        WithOrderer(new BenchmarkDotNet.Order.DefaultOrderer(BenchmarkDotNet.Order.SummaryOrderPolicy.Method));
        WithSummaryStyle(BenchmarkDotNet.Reports.SummaryStyle.Default.WithMaxParameterColumnWidth(40));
    }
}
