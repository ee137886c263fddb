using Verify.Checker.Replay;

namespace Verify.Checker.Shrinking;

/// <summary>How much there is to understand about a schedule, by what costs a reader most.</summary>
/// <param name="Preemptions">Times a thread was made to wait that could have gone on.</param>
/// <param name="Answers">Choices with an answer other than the ordinary one: time-outs that fired early, stale values read.</param>
/// <param name="Switches">Changes of thread, preemptions included.</param>
/// <param name="EventsToFailure">Events up to where the failure was thrown, or all when it was not thrown.</param>
/// <param name="Events">All events.</param>
public readonly record struct ScheduleSize(int Preemptions, int Answers, int Switches, int EventsToFailure, int Events) : IComparable<ScheduleSize>
{
    /// <inheritdoc/>
    public int CompareTo(ScheduleSize other) =>
        (Preemptions, Answers, Switches, EventsToFailure, Events).CompareTo(
            (other.Preemptions, other.Answers, other.Switches, other.EventsToFailure, other.Events));

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Preemptions} preemption{(Preemptions == 1 ? "" : "s")}, {Switches} switch{(Switches == 1 ? "" : "es")}, {Events} events";
}

/// <summary>Limits of a shrinking.</summary>
public sealed record ShrinkOptions
{
    /// <summary>Most wall-clock time to spend; null for no limit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Most schedules to try.</summary>
    public long Runs { get; init; } = long.MaxValue;

    /// <summary>Most schedules to try, depth first, in search of one that moves from the given one do not lead to; 0 for none.</summary>
    public long DepthFirstRuns { get; init; } = 2000;
}

/// <summary>What a shrinking came to.</summary>
public sealed record ShrinkResult
{
    /// <summary>The smallest schedule found; the given one when none is smaller.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Size of the given schedule.</summary>
    public required ScheduleSize Before { get; init; }

    /// <summary>Size of <see cref="Schedule"/>.</summary>
    public required ScheduleSize After { get; init; }

    /// <summary>Whether no single preemption and no single answer can be dropped; false when a limit came first.</summary>
    public bool Minimal { get; init; }

    /// <summary>Whether all schedules with fewer preemptions were tried, and none fails in this way.</summary>
    public bool Fewest { get; init; }

    /// <summary>Schedules tried.</summary>
    public long Runs { get; init; }

    /// <summary>Wall-clock time.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Why the given schedule was left as it is, in one line; null when it was shrunk.</summary>
    public string? Refused { get; init; }
}
