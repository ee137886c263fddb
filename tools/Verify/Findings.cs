using System.Diagnostics;
using Verify.Checker.Campaigns;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Pictures;
using Verify.Cli.Subjects;
using Verify.Cli.Verbs;
using Verify.Cli.Workers;

namespace Verify.Cli;

/// <summary>Shrinks and draws what a campaign found, in a worker: a schedule tried on the way may kill the process.</summary>
internal static class Findings
{
    private const double SecondsEach = 10;
    private const double SecondsInAll = 60; // spent, the rest is drawn as it was found

    // Their schedules do not lead to them, or not without harm to the process.
    private static readonly FailureKind[] s_leftAlone = [FailureKind.Nondeterminism, FailureKind.Crash, FailureKind.UncontrolledBlocking];

    internal static void Finish(
        CampaignState state, CampaignSettings settings, AssemblySubject.Source? assembly, Func<bool, ISubject> load, CancellationToken cancellation)
    {
        int[] cells = [.. Enumerable.Range(0, state.Plan.Cells.Count)
            .Where(c => state.Status(c).Found is { Schedule: not null, Failure: { } failure } && !s_leftAlone.Contains(failure.Kind))];
        if (cells.Length == 0)
        {
            return;
        }

        bool plainAccesses = settings.Options.Memory.NeedsPlainAccesses;

        // Shrinking wants speed, drawing wants whole stacks; neither may take this process with it.
        using WorkerProcess? shrinking = settings.Workers > 0 ? new WorkerProcess(new LoadRequest(0, assembly, plainAccesses)) : null;
        using WorkerProcess? drawing = settings.Workers > 0 ? new WorkerProcess(new LoadRequest(1, assembly, plainAccesses), wholeStacks: true) : null;
        ISubject? local = settings.Workers > 0 ? null : load(plainAccesses);
        var clock = Stopwatch.StartNew();
        foreach (int cell in cells.TakeWhile(_ => !cancellation.IsCancellationRequested))
        {
            string name = state.Plan.Cells[cell].Name;
            string file = Path.GetFullPath(Path.Combine(settings.Output, CampaignFile.ScheduleName(name)));
            double seconds = settings.Shrink ? Math.Clamp(SecondsInAll - clock.Elapsed.TotalSeconds, 0, SecondsEach) : 0;
            if (!settings.Resume)
            {
                File.Delete(PictureFiles.Named(file, "found")); // of an earlier campaign
            }

            if (seconds > 0)
            {
                if (local is not null)
                {
                    PictureFiles.Shrink(file, local.Body(name), TimeSpan.FromSeconds(seconds), cancellation);
                }
                else
                {
                    shrinking!.Finish(new FinishRequest(name, file, seconds, Draw: false), cancellation);
                }

                state.Replace(cell, ScheduleReader.Load(file));
            }

            if (local is not null)
            {
                PictureFiles.Draw(file, local.Body(name), new SourceLines(local.Assemblies));
            }
            else
            {
                drawing!.Finish(new FinishRequest(name, file, 0, Draw: true), CancellationToken.None);
            }
        }
    }
}
