using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.MemoryModels;
using Verify.Cli.Compare;

namespace Verify.Cli.Verbs;

/// <summary><c>verify compare</c>: which design should I choose, and what does it cost?</summary>
internal static class CompareVerb
{
    private const int QuickSchedules = 150, Schedules = 2000;

    private static readonly TimeSpan s_tellEvery = TimeSpan.FromSeconds(10);

    internal static Command Make()
    {
        var quick = new Option<bool>("--quick") { Description = "Two minutes instead of half an hour: fewer schedules, sequential consistency only, few iterations, only sound strategies measured." };
        var group = new Option<string[]>("--group")
        {
            Description = $"Only these: {string.Join(", ", Compared.Groups)}.",
            DefaultValueFactory = _ => [],
            AllowMultipleArgumentsPerToken = true,
        };
        var strategy = new Option<string[]>("--strategy") { Description = "Strategies of your own to compare with ours: path.dll:TypeName.", DefaultValueFactory = _ => [] };
        var dirty = new Option<string[]>("--dirty") { Description = "Dirty-memory designs of your own to compare with ours: path.dll:TypeName.", DefaultValueFactory = _ => [] };
        var schedules = new Option<long?>("--schedules") { Description = $"Schedules per design and scenario; {Schedules:N0}, or {QuickSchedules} with --quick." };
        var budget = new Option<double?>("--budget") { Description = "Most seconds to explore; what was not finished is reported as open." };
        var noCosts = new Option<bool>("--no-costs") { Description = "Only soundness." };
        var costs = new Option<string?>("--costs") { Description = "Read costs from this folder of BenchmarkDotNet results instead of measuring, such as verify-out/compare/benchmarks of an earlier run." };
        var output = new Option<string>("--output") { Description = "Folder for compare.html, compare.md and schedule files.", DefaultValueFactory = _ => "verify-out/compare" };
        var workers = new Option<int>("--workers") { Description = "Processes that explore.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        workers.Within(1, 1024);
        var command = new Command(
            "compare",
            "Explores every strategy in every combination of flush discipline and storage, every dirty-memory design and every variant of RCU, measures their "
            + "costs, and recommends one. Exit code 1 when a verdict is not what the catalogue says.\n\nExample: verify compare --quick")
        {
            quick, group, strategy, dirty, schedules, budget, noCosts, costs, output, workers, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            bool isQuick = parsed.GetValue(quick);
            if (parsed.GetValue(schedules) is < 1)
            {
                throw new InputException("--schedules must be at least 1");
            }

            if (parsed.GetValue(budget) is <= 0)
            {
                throw new InputException("--budget must be more than 0 seconds");
            }

            var settings = new CampaignSettings(
                ["portfolio"],
                new ExplorationOptions { Schedules = parsed.GetValue(schedules) ?? (isQuick ? QuickSchedules : Schedules), MaxSteps = 20_000 },
                isQuick ? [MemoryModel.Sc.Name] : [.. MemoryModel.All.Select(m => m.Name)],
                parsed.GetValue(budget) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                CampaignPlan.DefaultBlockSize,
                Enough: 0,
                parsed.GetValue(output)!,
                parsed.GetValue(workers),
                Shard.Whole,
                Resume: false,
                Shrink: false,
                Formats: [],
                parsed.GetValue(json));
            return Task.FromResult(Run(settings, isQuick, !parsed.GetValue(noCosts), parsed.GetValue(costs), Compared.With(parsed.GetValue(group)!, parsed.GetValue(strategy)!, parsed.GetValue(dirty)!), cancellation));
        });
        return command;
    }

    private static int Run(CampaignSettings settings, bool quick, bool withCosts, string? earlier, Compared compared, CancellationToken cancellation)
    {
        // All that can be wrong, before half an hour is spent.
        Measurements? costs = earlier is null ? null : Measurements.Read(earlier);
        string page = Path.Combine(settings.Output, "compare.html");
        Directory.CreateDirectory(settings.Output);
        File.WriteAllText(page, "");
        if (withCosts && earlier is null)
        {
            Measurements.Check();
        }

        Tell($"exploring {compared.Strategies.Count} strategies, {compared.Designs.Count} dirty-memory designs and {compared.RcuVariants.Count} variants of RCU under {string.Join(", ", settings.Models)}");
        Exploration exploration = Exploration.Run(settings, compared, cancellation);
        if (withCosts && earlier is null && !cancellation.IsCancellationRequested)
        {
            Compared measured = quick ? compared with { Strategies = [.. compared.Strategies.Where(s => ComparisonMaker.Flaw(s) is null)] } : compared;
            var clock = Stopwatch.StartNew();
            int begun = 0;
            costs = Measurements.Run(
                ComparisonMaker.Filters(measured, quick), measured, quick, Path.GetFullPath(Path.Combine(settings.Output, "benchmarks")), name =>
                {
                    begun++;
                    if (begun == 1 || clock.Elapsed > s_tellEvery)
                    {
                        clock.Restart();
                        Tell($"measuring: benchmark {begun} ({name})");
                    }
                },
                cancellation);
        }

        CacheLines? lines = withCosts && !cancellation.IsCancellationRequested ? new CacheLines() : null;
        Comparison comparison = ComparisonMaker.Make(compared, exploration, costs, lines, quick);
        File.WriteAllText(page, ComparisonPage.Make(comparison));
        File.WriteAllText(Path.Combine(settings.Output, "compare.md"), ComparisonText.Markdown(comparison));
        if (settings.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(comparison, Output.Json.Options));
        }
        else
        {
            ComparisonText.Write(comparison);
            Console.WriteLine($"All figures and charts: {page}");
        }

        if (cancellation.IsCancellationRequested)
        {
            Tell("interrupted: verdicts, figures and advice are of what was done by then; --costs " + Path.Combine(settings.Output, "benchmarks") + " reads the times again");
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted
            : comparison.Groups.SelectMany(g => g.Rows).All(r => r.Soundness.AsExpected) ? ExitCodes.Expected
            : ExitCodes.Found;
    }

    private static void Tell(string what) => Console.Error.WriteLine("verify: " + what);
}
