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

    // Of a campaign with a budget, for failures that were expected; those that were not take what they need.
    private const double PartOfBudget = 0.1;
    private const double SecondsEachExpected = 0.5;

    // Their schedules do not lead to them, or not without harm to the process.
    private static readonly FailureKind[] s_leftAlone = [FailureKind.Nondeterminism, FailureKind.Crash, FailureKind.UncontrolledBlocking];

    internal static void Finish(
        CampaignState state, CampaignSettings settings, ProgramUnderTest program, CancellationToken cancellation)
    {
        int[] cells =
        [
            .. Enumerable.Range(0, state.Plan.Cells.Count)
                .Where(c => state.Status(c).Found is { Schedule: not null, Failure: { } failure } && !s_leftAlone.Contains(failure.Kind))
                .GroupBy(c => state.Plan.Cells[c].Test)
                .SelectMany(test => test.Select((cell, turn) => (cell, turn))) // one of each test before the second of any
                .OrderBy(x => state.Status(x.cell).AsExpected).ThenBy(x => x.turn).Select(x => x.cell),
        ];
        if (cells.Length == 0)
        {
            return;
        }

        // Shrinking wants speed, drawing wants whole stacks; neither may take this process with it.
        using WorkerProcess? shrinking = settings.Workers > 0 ? new WorkerProcess(new LoadRequest(0, program.Assembly)) : null;
        using WorkerProcess? drawing = settings.Workers > 0 ? new WorkerProcess(new LoadRequest(1, program.Assembly), wholeStacks: true) : null;
        SubjectPair? local = settings.Workers > 0 ? null : new SubjectPair(program.Load);
        var clock = Stopwatch.StartNew();
        foreach (int cell in cells.TakeWhile(_ => !cancellation.IsCancellationRequested))
        {
            CampaignCell plan = state.Plan.Cells[cell];
            bool plainAccesses = state.Plan.OptionsOf(cell, 0).Memory.NeedsPlainAccesses;
            bool expected = plan.Expected.Length > 0 && state.Status(cell).AsExpected;
            if (expected && state.IsOver && settings.Budget is { } budget && clock.Elapsed > PartOfBudget * budget)
            {
                break; // `verify show` draws the others when they are wanted
            }

            string file = Path.GetFullPath(Path.Combine(settings.Output, CampaignFile.ScheduleName(plan.Name)));
            double left = SecondsInAll - clock.Elapsed.TotalSeconds;
            double each = expected && state.IsOver ? SecondsEachExpected : SecondsEach;
            double seconds = settings.Shrink ? Math.Clamp(left, 0, each) : 0;
            if (!settings.Resume)
            {
                File.Delete(PictureFiles.Named(file, "found")); // of an earlier campaign
            }

            if (seconds > 0)
            {
                if (local is not null)
                {
                    PictureFiles.Shrink(file, local.Body(plan.Subject, plainAccesses), TimeSpan.FromSeconds(seconds), cancellation);
                }
                else
                {
                    shrinking!.Finish(new FinishRequest(plan.Subject, plainAccesses, file, seconds, Draw: false), cancellation);
                }

                state.Replace(cell, ScheduleReader.Load(file));
            }

            if (local is not null)
            {
                PictureFiles.Draw(file, local.Body(plan.Subject, plainAccesses), new SourceLines(local.Assemblies(plainAccesses)));
            }
            else
            {
                drawing!.Finish(new FinishRequest(plan.Subject, plainAccesses, file, 0, Draw: true), CancellationToken.None);
            }
        }
    }
}
