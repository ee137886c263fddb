using System.CommandLine;
using System.Text.Json;
using Verify.Cli.Output;
using Verify.Cli.Stress;
using Verify.Cli.Workers;
using Verify.Scenarios;

namespace Verify.Cli.Verbs;

/// <summary><c>verify stress</c>: the scenarios on real threads, with delays and threads moved between processors.</summary>
internal static class StressVerb
{
    internal const string WorkerName = "stress-worker";

    internal static Command Make()
    {
        var scenario = new Option<string?>("--scenario") { Description = "Only this scenario." };
        var variant = new Option<string?>("--variant") { Description = "Only variants of this name." };
        var seconds = new Option<double>("--seconds") { Description = "Seconds a variant.", DefaultValueFactory = _ => 1 };
        var seed = new Option<ulong>("--seed") { Description = "Decides where delays are.", DefaultValueFactory = _ => 1 };
        var guests = new Option<string[]>("--guests")
        {
            Description = "Whole guests instead, on four vCPUs, under every strategy and back end: " + string.Join(", ", GuestStressCells.Guests)
                + ", or paths of ELF files; without a name, all of these. Says how often each interesting event was seen.",
            Arity = ArgumentArity.ZeroOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and < 1e6))
            {
                result.AddError("--seconds must be more than 0.");
            }
        });
        var command = new Command(
            "stress",
            "Runs the scenarios on real threads, not under control: with delays before their synchronization, and threads moved between processors. Says how "
            + "often each failure was seen. Exit code 1: a sound variant failed. A mutant that is not hit says nothing: `verify check` finds it.\n\n"
            + "Example: verify stress --scenario flush-vs-last-tb --seconds 10")
        {
            scenario, variant, guests, seconds, seed, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(guests) is not null && (result.GetValue(scenario) is not null || result.GetValue(variant) is not null))
            {
                result.AddError("--guests are run instead of scenarios; leave --scenario and --variant out.");
            }
        });
        command.SetAction((parsed, cancellation) => Task.FromResult(parsed.GetResult(guests) is not null
            ? GuestStressReport.Run(parsed.GetValue(guests)!, parsed.GetValue(seconds), parsed.GetValue(seed), parsed.GetValue(json), cancellation)
            : Run(
            parsed.GetValue(scenario), parsed.GetValue(variant), parsed.GetValue(seconds), parsed.GetValue(seed), parsed.GetValue(json), cancellation)));
        return command;
    }

    /// <summary>The other end of <see cref="StressProcess"/>.</summary>
    internal static Command MakeWorker()
    {
        var command = new Command(WorkerName, "Stresses variants for another verify process.") { Hidden = true };
        command.SetAction(_ =>
        {
            using var replies = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
            var subject = new StressSubject();
            while (Console.In.ReadLine() is { } line)
            {
                replies.WriteLine(WorkerJson.Write(subject.Answer(WorkerJson.Read<StressRequest>(line))));
            }

            return ExitCodes.Expected;
        });
        return command;
    }

    private static int Run(string? scenario, string? variant, double seconds, ulong seed, bool json, CancellationToken cancellation)
    {
        IReadOnlyList<Scenario> scenarios = scenario is null ? ScenarioCatalog.All : [ScenarioCatalog.Find(scenario)];
        if (variant is not null && scenarios.All(s => s.Variants.All(v => v.Name != variant)))
        {
            throw new InputException($"no scenario has a variant '{variant}'; {NearestNames.List(variant, scenarios.SelectMany(s => s.Variants, (_, v) => v.Name))}");
        }

        var rows = new List<(Scenario Scenario, ScenarioVariant Variant, StressResult Result)>();
        using (var process = new StressProcess())
        {
            foreach ((Scenario s, ScenarioVariant v) in scenarios.SelectMany(s => s.Variants, (s, v) => (s, v)).Where(x => variant is null || x.v.Name == variant))
            {
                if (cancellation.IsCancellationRequested)
                {
                    break;
                }

                StressResult result = process.Run(new StressRequest(s.Name, v.Name, seconds, seed));
                rows.Add((s, v, result));
                if (!json)
                {
                    Console.WriteLine(Line(s, v, result));
                }
            }
        }

        bool sound = rows.All(r => r.Variant.Expected == ExpectedVerdict.Racy || r.Result.Failures == 0);
        int racy = rows.Count(r => r.Variant.Expected == ExpectedVerdict.Racy), hit = rows.Count(r => r.Variant.Expected == ExpectedVerdict.Racy && r.Result.Failures > 0);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(rows.Select(r => new { scenario = r.Scenario.Name, variant = r.Variant.Name, expected = r.Variant.Expected.ToString(), r.Result }), Json.Options)
            : $"{rows.Count - racy} sound variants, {(sound ? "none failed" : "some FAILED")}; {hit} of {racy} racy ones failed on real threads.");
        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted : sound ? ExitCodes.Expected : ExitCodes.Found;
    }

    private static string Line(Scenario scenario, ScenarioVariant variant, StressResult result)
    {
        string outcomes = string.Join("; ", result.Outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Value}x {Plain.Fit(o.Key, 90)}"));
        string failed = result.Failures == 0 ? "" : $"first in run {result.First}: {outcomes}";
        return $"{scenario.Name + "/" + variant.Name,-55} {variant.Expected.ToString().ToLowerInvariant(),-6} {result.Runs,7} runs  {result.Failures,6} failed  {failed}".TrimEnd();
    }
}
