using System.CommandLine;
using System.Text.Json;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.MemoryModels;
using Verify.Cli.Compare;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Verbs;

/// <summary><c>verify compare</c>: which design should I choose, and what does it cost?</summary>
internal static class CompareVerb
{
    private const int QuickSchedules = 150, Schedules = 2000;

    internal static Command Make()
    {
        var quick = new Option<bool>("--quick") { Description = "Two minutes instead of half an hour: fewer schedules, sequential consistency only, few iterations, only sound strategies measured." };
        var strategy = new Option<string[]>("--strategy") { Description = "Strategies of your own to compare with ours: path.dll:TypeName.", DefaultValueFactory = _ => [] };
        var schedules = new Option<long?>("--schedules") { Description = $"Schedules per design and scenario; {Schedules:N0}, or {QuickSchedules} with --quick." };
        var budget = new Option<double?>("--budget") { Description = "Most seconds to explore under each memory model; what was not finished is reported as open." };
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
            quick, strategy, schedules, budget, noCosts, costs, output, workers, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            bool isQuick = parsed.GetValue(quick);
            var settings = new CampaignSettings(
                ["portfolio"],
                new ExplorationOptions { Schedules = parsed.GetValue(schedules) ?? (isQuick ? QuickSchedules : Schedules), MaxSteps = 20_000 },
                parsed.GetValue(budget) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                parsed.GetValue(output)!,
                parsed.GetValue(workers),
                Shard.Whole,
                Resume: false,
                Shrink: false,
                Formats: [],
                parsed.GetValue(json));
            return Task.FromResult(Run(settings, isQuick, !parsed.GetValue(noCosts), parsed.GetValue(costs), parsed.GetValue(strategy)!, cancellation));
        });
        return command;
    }

    private static int Run(CampaignSettings settings, bool quick, bool withCosts, string? earlier, string[] own, CancellationToken cancellation)
    {
        if (earlier is not null && !Directory.Exists(earlier))
        {
            throw new InputException($"there is no folder '{earlier}'; leave --costs out to measure");
        }

        InvalidationEntry[] strategies = [.. InvalidationCatalog.Combinations, .. own.Select(Own)];
        string[] models = quick ? [MemoryModel.Sc.Name] : [.. MemoryModel.All.Select(m => m.Name)];
        Tell($"exploring {strategies.Length} strategies, the dirty-memory designs and the variants of RCU under {string.Join(", ", models)}");
        Exploration exploration = Exploration.Run(settings, models, strategies, cancellation);
        Measurements? costs = earlier is not null ? Measurements.Read(earlier) : null;
        if (withCosts && earlier is null && !cancellation.IsCancellationRequested)
        {
            string[] measured = [.. strategies.Where(s => !quick || ComparisonMaker.Flaw(s) is null).Select(s => s.Name)];
            int begun = 0;
            costs = Measurements.Run(
                ComparisonMaker.Filters, measured, quick, Path.GetFullPath(Path.Combine(settings.Output, "benchmarks")), name =>
                {
                    if (++begun % 20 == 1)
                    {
                        Tell($"measuring: benchmark {begun} ({name})");
                    }
                },
                cancellation);
        }

        Comparison comparison = ComparisonMaker.Make(strategies, exploration, costs, quick);
        File.WriteAllText(Path.Combine(settings.Output, "compare.html"), ComparisonPage.Make(comparison));
        File.WriteAllText(Path.Combine(settings.Output, "compare.md"), ComparisonText.Markdown(comparison));
        if (settings.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(comparison, Output.Json.Options));
        }
        else
        {
            ComparisonText.Write(comparison);
            Console.WriteLine($"All figures and charts: {Path.Combine(settings.Output, "compare.html")}");
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted
            : comparison.Groups.SelectMany(g => g.Rows).All(r => r.Soundness.AsExpected) ? ExitCodes.Expected
            : ExitCodes.Found;
    }

    private static InvalidationEntry Own(string name)
    {
        InvalidationEntry entry = StrategyLoader.TryLoad(name)
            ?? throw new InputException($"'{name}' is not a strategy of your own; write path.dll:TypeName");
        return entry with { Name = name }; // as a schedule records it, and a replay names it
    }

    private static void Tell(string what) => Console.Error.WriteLine("verify: " + what);
}
