using System.Diagnostics;
using Spectre.Console;
using Verify.Checker.Campaigns;
using Verify.Cli.Output;
using Verify.Cli.Reports;
using Verify.Cli.Subjects;
using Verify.Cli.Verbs;
using Verify.Cli.Workers;

namespace Verify.Cli;

/// <summary>Explores what a verb has planned: starts workers, shows progress, saves what is found as it is found.</summary>
internal static class CampaignRun
{
    private static readonly TimeSpan s_saveEvery = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Runs the cells to their end, to the budget or to an interruption. Workers load <paramref name="assembly"/>, or the scenarios when it is null;
    /// <paramref name="load"/> does the same in this process, for <c>--workers 0</c>; it is told whether plain accesses are to be rewritten.
    /// </summary>
    internal static CampaignState Execute(
        CampaignSettings settings,
        IReadOnlyList<CampaignCell> cells,
        IReadOnlyDictionary<string, string> modules,
        AssemblySubject.Source? assembly,
        Func<bool, ISubject> load,
        CancellationToken cancellation)
    {
        CampaignState state = Explore(settings, cells, modules, assembly, load, cancellation);
        if (!cancellation.IsCancellationRequested)
        {
            Findings.Finish(state, settings, assembly, load, cancellation);
            CampaignFile.Save(state, ProgressFile(settings));
        }

        return state;
    }

    /// <summary>As <see cref="Execute"/>, but what is found is neither shrunk nor drawn.</summary>
    internal static CampaignState Explore(
        CampaignSettings settings,
        IReadOnlyList<CampaignCell> cells,
        IReadOnlyDictionary<string, string> modules,
        AssemblySubject.Source? assembly,
        Func<bool, ISubject> load,
        CancellationToken cancellation)
    {
        string progress = ProgressFile(settings);
        var plan = new CampaignPlan { Cells = cells, Strategies = settings.Explore, Options = settings.Options, Modules = modules };
        var state = new CampaignState(plan);
        if (settings.Resume)
        {
            Resume(state, progress);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (settings.Budget is { } budget)
        {
            end.CancelAfter(budget);
        }

        var saved = Stopwatch.StartNew();
        void Save(CampaignState current)
        {
            if (saved.Elapsed > s_saveEvery)
            {
                CampaignFile.Save(current, progress);
                saved.Restart();
            }
        }

        AnsiConsole.Profile.Capabilities.Ansi &= !Console.IsOutputRedirected;
        IReadOnlyList<Func<IBlockRunner>> runners = Runners(settings, assembly, load);
        if (settings.Json || Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            Campaign.Run(state, settings.Shard, runners, Save, end.Token);
        }
        else
        {
            AnsiConsole.Progress().AutoClear(true).Start(context =>
            {
                ProgressTask task = context.AddTask("exploring", maxValue: cells.Count);
                Campaign.Run(state, settings.Shard, runners, current => { Show(task, current); Save(current); }, end.Token);
            });
        }

        CampaignFile.Save(state, progress);
        return state;
    }

    /// <summary>Prints what was found, with the command that replays each file, and gives the exit code.</summary>
    internal static int Report(
        string command, CampaignState state, CampaignSettings settings, Func<string, string> replay, CancellationToken cancellation)
    {
        var input = new ReportInput(
            command,
            state.Statuses(),
            cell => replay(Path.Combine(settings.Output, CampaignFile.ScheduleName(cell.Cell.Name))),
            settings.Output);
        foreach (IReport report in ReportCatalog.All.Where(r => settings.Formats.Contains(r.Name)))
        {
            if (report.FileName is { } name)
            {
                File.WriteAllText(Path.Combine(settings.Output, name), report.Make(input));
            }
            else
            {
                Console.Write(report.Make(input));
            }
        }

        CampaignText.Ending ending = cancellation.IsCancellationRequested ? CampaignText.Ending.Interrupted
            : settings.Shard != Shard.Whole ? CampaignText.Ending.Shard
            : settings.Budget is not null ? CampaignText.Ending.BudgetSpent
            : CampaignText.Ending.Complete;
        if (settings.Json)
        {
            CampaignText.WriteJson(state, ending, settings.Output);
        }
        else
        {
            CampaignText.WriteTable(state, ending, settings.Output, replay);
        }

        return CampaignText.ExitCode(state, ending);
    }

    private static string ProgressFile(CampaignSettings settings)
    {
        if (File.Exists(settings.Output))
        {
            throw new InputException($"--output {settings.Output} is a file; name a folder");
        }

        Directory.CreateDirectory(settings.Output); // now, not after an hour of exploring
        string name = settings.Shard == Shard.Whole ? "progress.json" : $"progress-{settings.Shard.Number}-of-{settings.Shard.Count}.json";
        return Path.Combine(settings.Output, name);
    }

    private static void Resume(CampaignState state, string progress)
    {
        CampaignState earlier = CampaignFile.Load(progress);
        if (earlier.Plan.DifferenceTo(state.Plan) is { } difference)
        {
            throw new InputException($"'{progress}' cannot be resumed: {difference}; give the same options and build, or leave --resume out to begin anew");
        }

        state.Merge(earlier);
    }

    private static IReadOnlyList<Func<IBlockRunner>> Runners(CampaignSettings settings, AssemblySubject.Source? assembly, Func<bool, ISubject> load)
    {
        bool plainAccesses = settings.Options.Memory.NeedsPlainAccesses;
        if (settings.Workers == 0)
        {
            return [() => new LocalBlockRunner(load(plainAccesses).Body)];
        }

        int first = Random.Shared.Next(Environment.ProcessorCount); // two campaigns at a time need not meet on the same processor
        return [.. Enumerable.Range(first, settings.Workers).Select(p => (Func<IBlockRunner>)(() => new WorkerProcess(new LoadRequest(p, assembly, plainAccesses))))];
    }

    private static void Show(ProgressTask task, CampaignState state)
    {
        CellStatus[] cells = state.Statuses();
        task.Value = cells.Sum(c => c.Complete ? 1.0 : (double)c.Schedules / (state.Plan.Options.Schedules * state.Plan.Strategies.Count));
        task.Description = $"{cells.Count(c => c.Complete)} of {cells.Length} done, {cells.Count(c => c.Found is not null)} racy";
    }
}
