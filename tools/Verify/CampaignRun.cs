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
    /// Runs the cells, under each of the settings' models, to their end, to the budget or to an interruption; then shrinks and draws what was found.
    /// </summary>
    internal static CampaignState Execute(
        CampaignSettings settings,
        Func<string, IReadOnlyList<CampaignCell>> cells,
        ProgramUnderTest program,
        CancellationToken cancellation)
    {
        CampaignState state = Explore(settings, cells, program, cancellation);
        if (!cancellation.IsCancellationRequested)
        {
            Findings.Finish(state, settings, program, cancellation);
            CampaignFile.Save(state, ProgressFile(settings));
        }

        return state;
    }

    /// <summary>As <see cref="Execute"/>, but what is found is neither shrunk nor drawn.</summary>
    internal static CampaignState Explore(
        CampaignSettings settings,
        Func<string, IReadOnlyList<CampaignCell>> cells,
        ProgramUnderTest program,
        CancellationToken cancellation)
    {
        string progress = ProgressFile(settings);
        var plan = new CampaignPlan
        {
            Cells = [.. settings.Models.SelectMany((model, i) => cells(model).Select(c => c with { Model = i == 0 ? "" : model }))],
            Strategies = settings.Explore,
            Options = settings.Options,
            Modules = program.Modules,
            BlockSize = settings.BlockSize,
            Enough = settings.Enough,
        };
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
        IReadOnlyList<Func<IBlockRunner>> runners = Runners(settings, program);
        CampaignProgress.Run(
            state,
            settings,
            (show, searching) => Campaign.Run(
                state, settings.Shard, runners, current => { show(); Save(current); }, end.Token, searching));

        CampaignFile.Save(state, progress);
        state.IsOver = end.IsCancellationRequested && !cancellation.IsCancellationRequested;
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

        CertificateFile.SaveAll(state, settings.Output);
        CampaignText.Ending ending = cancellation.IsCancellationRequested ? CampaignText.Ending.Interrupted
            : settings.Shard != Shard.Whole ? CampaignText.Ending.Shard
            : state.IsOver ? CampaignText.Ending.BudgetSpent
            : CampaignText.Ending.Complete;
        if (settings.Json)
        {
            CampaignText.WriteJson(state, ending, settings.Output);
        }
        else
        {
            CampaignText.WriteTable(state, ending, settings.Models, settings.Output, replay);
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

    private static IReadOnlyList<Func<IBlockRunner>> Runners(CampaignSettings settings, ProgramUnderTest program)
    {
        if (settings.Workers == 0)
        {
            return [() =>
            {
                var local = new SubjectPair(program.Load);
                return new LocalBlockRunner((cell, options) => local.Body(cell, options.Memory.NeedsPlainAccesses));
            }];
        }

        int first = Random.Shared.Next(Environment.ProcessorCount); // two campaigns at a time need not meet on the same processor
        return [.. Enumerable.Range(first, settings.Workers).Select(p => (Func<IBlockRunner>)(() => new WorkerProcess(new LoadRequest(p, program.Assembly))))];
    }
}
