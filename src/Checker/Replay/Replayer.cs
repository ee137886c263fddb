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
}

/// <summary>Runs a recorded schedule again.</summary>
public static class Replayer
{
    /// <summary>Replays <paramref name="schedule"/> on the calling thread.</summary>
    public static ReplayResult Replay(Action body, Schedule schedule, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(schedule);
        using var run = new ControlledRun();
        return Replay(run, body, schedule, cancellation);
    }

    internal static ReplayResult Replay(ControlledRun run, Action body, Schedule schedule, CancellationToken cancellation = default)
    {
        var scheduler = new ReplayScheduler(schedule);
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
