using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Output;
using Verify.Scenarios;

namespace Verify.Cli.Verbs;

/// <summary><c>verify check</c>: every scenario in every variant, and whether the verdict is the expected one.</summary>
internal static class CheckVerb
{
    private sealed record Settings(
        string? Scenario, string? Variant, IReadOnlyList<string> Explore, long Schedules, ulong Seed, int MaxSteps, string Output, bool Json);

    private sealed record Row(
        Scenario Scenario, ScenarioVariant Variant, long Schedules, long Decisions, TimeSpan Elapsed, string? FoundBy, Failure? Failure, string? Replay)
    {
        // The models above sequential consistency are not explored here, so a defect only they show is not expected.
        internal const MemoryModelName Model = MemoryModelName.Sc;

        internal bool AsExpected => Variant.IsExpected(Model, Failure?.Message);

        internal string Expected => Variant.ExpectedUnder(Model).ToString().ToLowerInvariant();

        internal string Verdict => Failure is null ? "clean" : "racy";
    }

    internal static Command Make()
    {
        var scenario = new Option<string?>("--scenario") { Description = "Only this scenario." };
        var variant = new Option<string?>("--variant") { Description = "Only this variant." };
        var explore = new Option<string[]>("--explore")
        {
            Description = "Exploration strategies, one after the other, until one finds a failure.",
            DefaultValueFactory = _ => ["portfolio"],
            AllowMultipleArgumentsPerToken = true,
        };
        explore.AcceptOnlyFromAmong([.. StrategyCatalog.All.Select(s => s.Name)]);
        var schedules = new Option<long>("--schedules") { Description = "Schedules per exploration strategy.", DefaultValueFactory = _ => 4000 };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the random strategies.", DefaultValueFactory = _ => 1 };
        var maxSteps = new Option<int>("--max-steps") { Description = "Most steps of one execution.", DefaultValueFactory = _ => 20_000 };
        var output = new Option<string>("--output") { Description = "Folder for schedule files.", DefaultValueFactory = _ => "verify-out" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        schedules.Within(1, long.MaxValue);
        maxSteps.Within(1, int.MaxValue);
        var command = new Command(
            "check",
            "Rewrites the engine and the scenarios and explores every scenario in every variant.\n\nExample: verify check --scenario flush-vs-last-tb --variant global-flag --explore pct")
        {
            scenario, variant, explore, schedules, seed, maxSteps, output, json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            new Settings(
                parsed.GetValue(scenario),
                parsed.GetValue(variant),
                parsed.GetValue(explore)!,
                parsed.GetValue(schedules),
                parsed.GetValue(seed),
                parsed.GetValue(maxSteps),
                parsed.GetValue(output)!,
                parsed.GetValue(json)),
            cancellation)));
        return command;
    }

    private static int Run(Settings settings, CancellationToken cancellation)
    {
        (Scenario Scenario, ScenarioVariant Variant)[] cells =
        [
            .. (settings.Scenario is null ? ScenarioCatalog.All : [ScenarioCatalog.Find(settings.Scenario)])
                .SelectMany(s => s.Variants, (s, v) => (s, v))
                .Where(c => settings.Variant is null || c.v.Name == settings.Variant),
        ];
        if (cells.Length == 0)
        {
            throw new InputException($"no scenario has a variant '{settings.Variant}'; `verify list` names them");
        }

        if (File.Exists(settings.Output))
        {
            throw new InputException($"--output {settings.Output} is a file; name a folder");
        }

        Directory.CreateDirectory(settings.Output); // now, not after an hour of exploring
        RewrittenScenarios rewritten = RewrittenScenarios.Load();
        var rows = new List<Row>();
        AnsiConsole.Profile.Capabilities.Ansi &= !Console.IsOutputRedirected;
        if (settings.Json || Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            foreach (var cell in cells.TakeWhile(_ => !cancellation.IsCancellationRequested))
            {
                rows.Add(Explore(settings, rewritten, cell.Scenario, cell.Variant, _ => { }, cancellation));
            }
        }
        else
        {
            AnsiConsole.Progress().Start(context =>
            {
                foreach (var cell in cells.TakeWhile(_ => !cancellation.IsCancellationRequested))
                {
                    ProgressTask task = context.AddTask($"{cell.Scenario.Name} {cell.Variant.Name}", maxValue: settings.Schedules * settings.Explore.Count);
                    rows.Add(Explore(settings, rewritten, cell.Scenario, cell.Variant, n => task.Value = n, cancellation));
                    task.Value = task.MaxValue;
                }
            });
        }

        bool allAsExpected = rows.TrueForAll(r => r.AsExpected);
        if (settings.Json)
        {
            WriteJson(rows, cancellation.IsCancellationRequested);
        }
        else
        {
            WriteTable(rows, cells.Length, cancellation.IsCancellationRequested);
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted : allAsExpected ? ExitCodes.Expected : ExitCodes.Found;
    }

    private static Row Explore(
        Settings settings, RewrittenScenarios rewritten, Scenario scenario, ScenarioVariant variant, Action<long> progress, CancellationToken cancellation)
    {
        Action body = rewritten.Body(scenario.Name, variant.Name);
        long schedules = 0, decisions = 0;
        var elapsed = TimeSpan.Zero;
        foreach (string strategy in settings.Explore)
        {
            long before = schedules;
            ExplorationResult result = Explorer.Explore(
                body,
                new ExplorationOptions { Strategy = strategy, Seed = settings.Seed, Schedules = settings.Schedules, MaxSteps = settings.MaxSteps },
                p => { if ((p.Schedules & 15) == 0) { progress(before + p.Schedules); } },
                cancellation);
            schedules += result.Schedules;
            decisions += result.Decisions;
            elapsed += result.Elapsed;
            if (result.Failure is { } failure)
            {
                string file = Path.Combine(settings.Output, $"{scenario.Name}.{variant.Name}.schedule.json");
                ScheduleWriter.Save(
                    result.Schedule! with { Test = scenario.Name, Variant = variant.Name, Modules = rewritten.Modules, Failure = failure }, file);
                return new Row(scenario, variant, schedules, decisions, elapsed, strategy, failure, file);
            }

            if (cancellation.IsCancellationRequested)
            {
                break;
            }
        }

        return new Row(scenario, variant, schedules, decisions, elapsed, null, null, null);
    }

    private static void WriteTable(List<Row> rows, int cells, bool interrupted)
    {
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded);
        foreach (string column in (string[])["scenario", "strategy", "schedules", "decisions/s", "verdict", "expected", "replay with"])
        {
            table.AddColumn(new TableColumn(column).NoWrap());
        }

        foreach (Row row in rows)
        {
            string colour = row.AsExpected ? row.Failure is null ? "green" : "yellow" : "red";
            table.AddRow(
                Markup.Escape(row.Scenario.Name),
                Markup.Escape(row.Variant.Name),
                row.Schedules.ToString("N0"),
                (row.Decisions / Math.Max(row.Elapsed.TotalSeconds, 1e-6)).ToString("N0"),
                $"[{colour}]{row.Verdict}[/]",
                row.AsExpected ? "as expected" : Markup.Escape("expected " + row.Expected + (row.Failure is null || row.Variant.Outcome is null ? "" : ": " + row.Variant.Outcome)),
                Markup.Escape(row.Replay is null ? "" : "verify replay " + row.Replay));
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 200; // a log has no width to fit
        }

        AnsiConsole.Write(table);
        foreach (Row row in rows.Where(r => r.Failure is not null))
        {
            Console.WriteLine($"{row.Variant.Name}: {Plain.OneLine(row.Failure!.Message)} (found by {row.FoundBy} after {row.Schedules:N0} schedules)");
        }

        int unexpected = rows.Count(r => !r.AsExpected);
        Console.WriteLine(interrupted
            ? $"Interrupted: {rows.Count} of {cells} cells were begun; files named above are complete."
            : unexpected == 0 ? $"All {rows.Count} verdicts are as expected." : $"{unexpected} of {rows.Count} verdicts are not as expected.");
    }

    private static void WriteJson(List<Row> rows, bool interrupted) =>
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                interrupted,
                results = rows.Select(r => new
                {
                    scenario = r.Scenario.Name,
                    variant = r.Variant.Name,
                    schedules = r.Schedules,
                    decisions = r.Decisions,
                    seconds = Math.Round(r.Elapsed.TotalSeconds, 3),
                    verdict = r.Verdict,
                    expected = r.Expected,
                    asExpected = r.AsExpected,
                    foundBy = r.FoundBy,
                    failure = r.Failure is null ? null : new { kind = r.Failure.Kind.ToString(), message = r.Failure.Message },
                    replay = r.Replay,
                }),
            },
            Output.Json.Options));
}
