using System.Runtime.ExceptionServices;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;

namespace Verify.Checker.Replay;

/// <summary>What a replay did.</summary>
public sealed record ReplayResult
{
    /// <summary>The same events, the same digest, the same verdict.</summary>
    public bool Reproduced { get; init; }

    /// <summary>The failure it ended with, or null.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The first difference, or null.</summary>
    public Divergence? Divergence { get; init; }

    /// <summary>Digest of the events that happened.</summary>
    public ulong Digest { get; init; }

    /// <summary>Events without a recorded counterpart; only after <see cref="Replayer.Realign"/>.</summary>
    public int NewEvents { get; init; }

    /// <summary>Recorded events that did not happen; only after <see cref="Replayer.Realign"/>.</summary>
    public int GoneEvents { get; init; }
}

/// <summary>Runs a recorded schedule again.</summary>
public static class Replayer
{
    /// <summary>Replays <paramref name="schedule"/> and tells when its failure is about to happen.</summary>
    /// <param name="body">The test.</param>
    /// <param name="schedule">What to follow.</param>
    /// <param name="failing">
    /// Called once, on the failing thread: where the exception is thrown, before anything has been unwound, or where the last event is chosen.
    /// </param>
    /// <param name="cancellation">Ends it early.</param>
    public static ReplayResult Replay(Action body, Schedule schedule, Action failing, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(failing);
        bool told = false;
        void Tell()
        {
            if (!told)
            {
                told = true;
                failing();
            }
        }

        void Thrown(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (ControlledThread.Current is { } self && Failure.FromException(e.Exception, self.Id).Message == schedule.Failure.Message)
            {
                Tell();
            }
        }

        AppDomain.CurrentDomain.FirstChanceException += Thrown;
        try
        {
            ReplayResult result = Replay(body, schedule, cancellation);
            if (result.Reproduced)
            {
                Tell(); // a deadlock or a bound: nobody throws
            }

            return result;
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Thrown;
        }
    }

    /// <summary>
    /// Replays as much of the schedule as a changed program still has: new events are let pass, events that are gone are skipped, each thread
    /// keeps its recorded order.
    /// </summary>
    /// <returns>Reproduced when it ends with a failure of the recorded kind; the digest is that of the new events.</returns>
    public static ReplayResult Realign(Action body, Schedule schedule, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(schedule);
        return Supervised(schedule, run =>
        {
            var scheduler = new RealigningScheduler(schedule);
            Execution execution = run.Execute(body, scheduler, schedule.MaxSteps, cancellation);
            return new ReplayResult
            {
                Reproduced = execution.Failure?.Kind == schedule.Failure.Kind,
                Failure = execution.Failure,
                Digest = run.Log.Digest,
                NewEvents = scheduler.New,
                GoneEvents = scheduler.Gone,
            };
        });
    }

    /// <summary>Replays <paramref name="schedule"/>, on a thread of its own, and returns when it is over.</summary>
    public static ReplayResult Replay(Action body, Schedule schedule, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(schedule);
        return Supervised(schedule, run => Replay(run, body, schedule, cancellation));
    }

    private static ReplayResult Supervised(Schedule schedule, Func<ControlledRun, ReplayResult> replay)
    {
        var watchdog = new Watchdog(ExplorationOptions.DefaultPatience);
        ControlledRun? latest = null;
        ReplayResult? result = null;
        bool ended = watchdog.Run(() =>
        {
            using var run = new ControlledRun(watchdog, schedule.Memory);
            latest = run;
            result = replay(run);
        });
        return ended ? result! : new ReplayResult
        {
            Reproduced = latest!.Latest!.Failure!.Kind == schedule.Failure.Kind && latest.Log.Digest == schedule.Digest,
            Failure = latest.Latest.Failure,
            Digest = latest.Log.Digest,
        };
    }

    internal static ReplayResult Replay(ControlledRun run, Action body, Schedule schedule, CancellationToken cancellation = default)
    {
        var scheduler = new ReplayScheduler(schedule);
        run.Memory?.ReportAgain(schedule.Failure);
        Execution execution = run.Execute(body, scheduler, schedule.MaxSteps, cancellation);
        return Judge(schedule, scheduler, execution, run.Log.Digest);
    }

    internal static ReplayResult Judge(Schedule schedule, ReplayScheduler scheduler, Execution execution, ulong digest)
    {
        Divergence? divergence = execution.Divergence;
        if (divergence is null && (scheduler.Followed < schedule.Steps.Count || execution.Failure is null))
        {
            divergence = new Divergence(
                scheduler.Followed + 1,
                scheduler.Followed < schedule.Steps.Count ? "more events" : "a failure: " + schedule.Failure.Message,
                execution.Failure is { } early ? "it fails already: " + early.Message : "the program ends without a failure");
        }

        return new ReplayResult
        {
            Reproduced = divergence is null && digest == schedule.Digest && execution.Failure?.Kind == schedule.Failure.Kind,
            Failure = execution.Failure,
            Divergence = divergence,
            Digest = digest,
        };
    }
}
