using System.CommandLine;
using Spectre.Console;
using Verify.Cli.Mutants;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Verbs;

/// <summary><c>verify mutate</c>: puts defects into the engine, one at a time, and asks the scenarios to find them.</summary>
internal static class MutateVerb
{
    internal static Command Make()
    {
        var operators = new Option<string[]>("--operator") { Description = "Only these kinds of defect.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        operators.AcceptOnlyFromAmong([.. MutationCatalog.All.Select(o => o.Name)]);
        var method = new Option<string?>("--method") { Description = "Only methods whose name contains this." };
        var schedules = new Option<int>("--schedules") { Description = "Schedules per defect and scenario variant.", DefaultValueFactory = _ => 300 };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the exploration.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers") { Description = "Processes that explore.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var output = new Option<string>("--output") { Description = "Folder for mutants.md.", DefaultValueFactory = _ => "verify-out" };
        var list = new Option<bool>("--list") { Description = "List the places only." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        schedules.Within(1, int.MaxValue);
        workers.Within(1, 1024);
        var command = new Command(
            "mutate",
            "Puts defects into the engine, one at a time, and explores the sound variants that reach the place. A defect that none finds survives: the line "
            + "is redundant, or a scenario is missing. Exit code 1 when one survives.\n\nExample: verify mutate --operator drop-lock --method TbLinker")
        {
            operators, method, schedules, seed, workers, output, list, json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            new MutationPlan(parsed.GetValue(schedules), parsed.GetValue(seed), parsed.GetValue(workers)),
            parsed.GetValue(operators)!,
            parsed.GetValue(method),
            parsed.GetValue(output)!,
            parsed.GetValue(list),
            parsed.GetValue(json),
            cancellation)));
        return command;
    }

    private static int Run(
        MutationPlan plan, string[] operators, string? method, string output, bool list, bool json, CancellationToken cancellation)
    {
        MutationSite[] sites =
        [
            .. MutationCatalog.Sites(ScenarioSubject.EnginePath)
                .Where(s => operators.Length == 0 || operators.Contains(s.Mutation.Operator))
                .Where(s => method is null || s.Mutation.Method.Contains(method, StringComparison.OrdinalIgnoreCase)),
        ];
        if (sites.Length == 0)
        {
            throw new InputException($"no place for {(operators.Length == 0 ? "any operator" : string.Join(", ", operators))} in methods named '{method}'; `verify mutate --list` names all");
        }

        if (list)
        {
            foreach (MutationSite site in sites)
            {
                Console.WriteLine($"{site.Mutation.Operator,-20} {MutationReport.Place(site)}  {site.What}  {site.Mutation.Method}#{site.Mutation.Ordinal}");
            }

            return ExitCodes.Expected;
        }

        Directory.CreateDirectory(output);
        var results = new List<MutantResult>();
        AnsiConsole.Profile.Capabilities.Ansi &= !Console.IsOutputRedirected;
        if (json || Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            MutationRun.Execute(plan, sites, results.Add, cancellation);
        }
        else
        {
            AnsiConsole.Progress().AutoClear(true).Start(context =>
            {
                ProgressTask task = context.AddTask("mutants", maxValue: sites.Length);
                MutationRun.Execute(plan, sites, r => { results.Add(r); task.Increment(1); task.Description = $"{results.Count(x => x.Fate == Fate.Killed)} killed"; }, cancellation);
            });
        }

        MutantResult[] ordered = [.. sites.Join(results, s => s, r => r.Site, (_, r) => r)];
        File.WriteAllText(Path.Combine(output, "mutants.md"), MutationReport.Markdown(ordered, plan));
        Console.Write(json ? MutationReport.Json(ordered, sites.Length) : MutationReport.Text(ordered, sites.Length, Path.Combine(output, "mutants.md")));
        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted
            : Array.TrueForAll(ordered, r => r.Fate == Fate.Killed) ? ExitCodes.Expected : ExitCodes.Found;
    }
}
