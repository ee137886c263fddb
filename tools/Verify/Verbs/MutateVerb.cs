using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Spectre.Console;
using Verify.Cli.Mutants;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Verbs;

/// <summary><c>verify mutate</c>: puts defects into the engine, one at a time, and asks the scenarios to find them.</summary>
internal static class MutateVerb
{
    private static readonly TimeSpan s_saveEvery = TimeSpan.FromSeconds(2);

    private sealed record Settings(
        string[] Operators, string? Method, long Schedules, ulong Seed, int Workers, string Output, bool Resume, bool Retry, bool Carry, string? Hints, bool List, string? Markdown, bool Json);

    internal static Command Make()
    {
        var operators = new Option<string[]>("--operator") { Description = "Only these kinds of defect.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        operators.AcceptOnlyFromAmong([.. MutationCatalog.All.Select(o => o.Name)]);
        var method = new Option<string?>("--method") { Description = "Only methods whose name contains this." };
        var schedules = new Option<long>("--schedules") { Description = "Schedules per defect, shared by the variants that reach it.", DefaultValueFactory = _ => 4000 };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the exploration.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers") { Description = "Defects tried at a time, each in a process.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var output = new Option<string>("--output") { Description = "Folder for mutants.md and mutants.json.", DefaultValueFactory = _ => "verify-out" };
        var resume = new Option<bool>("--resume") { Description = "Go on from mutants.json in the output folder, which must be of this build." };
        var retry = new Option<bool>("--retry") { Description = "With --resume: try again what no scenario killed." };
        var carry = new Option<bool>("--carry") { Description = "With --resume: keep what an earlier build decided of methods that are the same; the table tells how much." };
        var hints = new Option<string?>("--hints") { Description = "A mutants.json of an earlier run: what killed a place then is tried on it first. That of the output folder is used anyway." };
        var list = new Option<bool>("--list") { Description = "List the places only." };
        var markdown = new Option<string?>("--markdown") { Description = "Write the table to this file too." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        schedules.Within(1, long.MaxValue);
        workers.Within(1, 1024);
        var command = new Command(
            "mutate",
            "Puts defects into the engine, one at a time, and explores the sound variants that reach the place. A defect that none finds survives: the line "
            + "is redundant, or a scenario is missing. Exit code 1 when one survives without being on the list of known survivors.\n\n"
            + "Example: verify mutate --operator drop-lock --method TbLinker")
        {
            operators, method, schedules, seed, workers, output, resume, retry, carry, hints, list, markdown, json,
        };
        command.Validators.Add(result =>
        {
            foreach (Option<bool> option in (Option<bool>[])[retry, carry])
            {
                if (result.GetValue(option) && !result.GetValue(resume))
                {
                    result.AddError($"{option.Name} goes with --resume.");
                }
            }
        });
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            new Settings(
                parsed.GetValue(operators)!,
                parsed.GetValue(method),
                parsed.GetValue(schedules),
                parsed.GetValue(seed),
                parsed.GetValue(workers),
                parsed.GetValue(output)!,
                parsed.GetValue(resume),
                parsed.GetValue(retry),
                parsed.GetValue(carry),
                parsed.GetValue(hints),
                parsed.GetValue(list),
                parsed.GetValue(markdown),
                parsed.GetValue(json)),
            cancellation)));
        return command;
    }

    private static int Run(Settings settings, CancellationToken cancellation)
    {
        MutationSite[] sites =
        [
            .. MutationCatalog.Sites(ScenarioSubject.EnginePath)
                .Where(s => settings.Operators.Length == 0 || settings.Operators.Contains(s.Mutation.Operator))
                .Where(s => settings.Method is null || s.Mutation.Method.Contains(settings.Method, StringComparison.OrdinalIgnoreCase)),
        ];
        if (sites.Length == 0)
        {
            string kinds = settings.Operators.Length == 0 ? "any operator" : string.Join(", ", settings.Operators);
            throw new InputException($"no place for {kinds} in methods named '{settings.Method}'; `verify mutate --list` names all");
        }

        return settings.List ? List(sites, settings.Json) : Explore(settings, sites, cancellation);
    }

    private static int List(MutationSite[] sites, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(sites, Output.Json.Options));
            return ExitCodes.Expected;
        }

        foreach (MutationSite site in sites)
        {
            string known = SurvivorList.Of(site) is { } survivor ? $"  ({survivor.Class})" : "";
            Console.WriteLine($"{site.Mutation.Operator,-20} {MutationReport.Place(site)}  {site.What}  {site.Mutation.Method}#{site.Mutation.Ordinal}{known}");
        }

        return ExitCodes.Expected;
    }

    private static int Explore(Settings settings, MutationSite[] sites, CancellationToken cancellation)
    {
        if (File.Exists(settings.Output))
        {
            throw new InputException($"--output {settings.Output} is a file; name a folder");
        }

        Directory.CreateDirectory(settings.Output);
        string progress = Path.Combine(settings.Output, "mutants.json"), table = Path.Combine(settings.Output, "mutants.md");
        string before = Path.Combine(settings.Output, "mutants.before.json"), coverage = Path.Combine(settings.Output, "coverage.json");
        MutantResult[] hints =
        [
            .. settings.Hints is { } named ? MutationProgress.Hints(named, mustExist: true) : [],
            .. MutationProgress.Hints(before, mustExist: false),
            .. MutationProgress.Hints(progress, mustExist: false),
        ];
        var plan = new MutationPlan(settings.Schedules, settings.Seed);
        List<MutantResult> results = settings.Resume
            ? [.. MutationProgress.Load(progress, plan, sites, settings.Carry).Where(r => !settings.Retry || r.Fate == Fate.Killed)]
            : [];
        if (!settings.Resume && hints.Length > 0)
        {
            MutationProgress.Save(before, plan, [.. hints.Where(h => h.Fate == Fate.Killed).DistinctBy(h => h.Site.Mutation)]); // the file is begun anew
        }

        HashSet<Mutation> decided = [.. results.Select(r => r.Site.Mutation)];
        MutationSite[] left = [.. sites.Where(s => !decided.Contains(s.Mutation))];
        var saved = Stopwatch.StartNew();
        Action<MutantResult> shown = _ => { };
        void Done(MutantResult result)
        {
            results.Add(result);
            shown(result);
            if (saved.Elapsed > s_saveEvery)
            {
                MutationProgress.Save(progress, plan, results);
                saved.Restart();
            }
        }

        AnsiConsole.Profile.Capabilities.Ansi &= !Console.IsOutputRedirected;
        if (settings.Json || Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            shown = r => Console.Error.WriteLine(
                $"{results.Count}/{sites.Length} {r.Fate} {r.Site.Mutation.Operator} {MutationReport.Place(r.Site)} {r.By} {r.Under} {r.Schedules}");
            MutationRun.Execute(plan, settings.Workers, left, hints, coverage, Done, cancellation);
        }
        else
        {
            AnsiConsole.Progress().AutoClear(true).Start(context =>
            {
                ProgressTask task = context.AddTask("mutants", maxValue: sites.Length);
                task.Value = results.Count;
                shown = _ => { task.Increment(1); task.Description = $"{results.Count(x => x.Fate == Fate.Killed)} of {results.Count} killed"; };
                MutationRun.Execute(plan, settings.Workers, left, hints, coverage, Done, cancellation);
            });
        }

        MutationProgress.Save(progress, plan, results);
        var byMutation = results.ToDictionary(r => r.Site.Mutation);
        MutantResult[] ordered = [.. sites.Where(s => byMutation.ContainsKey(s.Mutation)).Select(s => byMutation[s.Mutation])];
        string page = MutationReport.Markdown(ordered, sites.Length, plan);
        foreach (string file in settings.Markdown is { } markdown ? (string[])[table, markdown] : [table])
        {
            File.WriteAllText(file, page);
        }

        Console.Write(settings.Json ? MutationReport.Json(ordered, sites.Length) : MutationReport.Text(ordered, sites.Length, table));
        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted
            : Array.TrueForAll(ordered, r => r.Fate == Fate.Killed || MutationReport.IsAccepted(r)) ? ExitCodes.Expected : ExitCodes.Found;
    }
}
