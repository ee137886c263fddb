using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>What helps to understand one execution: its events with values and stacks, what orders them, and where it failed.</summary>
public sealed record ExecutionTrace
{
    /// <summary>Thread names by number.</summary>
    public required IReadOnlyList<string> Threads { get; init; }

    /// <summary>What the events are about; <see cref="TraceEvent.Object"/> is a position in it.</summary>
    public required IReadOnlyList<TraceObject> Objects { get; init; }

    /// <summary>The events, in order.</summary>
    public required IReadOnlyList<TraceEvent> Events { get; init; }

    /// <summary>What orders events, or carries a value, between them; by <see cref="TraceEdge.To"/>.</summary>
    public required IReadOnlyList<TraceEdge> Edges { get; init; }

    /// <summary>Stacks, innermost frame first; <see cref="TraceEvent.Stack"/> is a position in it.</summary>
    public required IReadOnlyList<IReadOnlyList<TraceFrame>> Stacks { get; init; }

    /// <summary>Places that matter most: the throw, the waits of a deadlock, the two sides of a race.</summary>
    public required IReadOnlyList<TraceMark> Marks { get; init; }

    /// <summary>The verdict.</summary>
    public required Failure Failure { get; init; }

    /// <summary>Times a thread was made to wait that could have gone on.</summary>
    public int Preemptions => Events.Count(e => e.Preempts);
}

/// <summary>One event.</summary>
public sealed record TraceEvent
{
    /// <summary>Number of the thread.</summary>
    public required int Thread { get; init; }

    /// <summary>What it did.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>Where.</summary>
    public required Site Site { get; init; }

    /// <summary>What it is about, or -1.</summary>
    public int Object { get; init; } = -1;

    /// <summary>Number of the thread it starts or joins, or -1.</summary>
    public int OtherThread { get; init; } = -1;

    /// <summary>What was there before a write or an atomic operation; null when unknown.</summary>
    public string? Before { get; init; }

    /// <summary>The value read, written, or left by an atomic operation; the answer of a choice; null when there is none.</summary>
    public string? Value { get; init; }

    /// <summary>Number of the event, from 0, whose write it returned; -1 for a value that no event wrote. Null when memory is not modelled.</summary>
    public int? ReadsFrom { get; init; }

    /// <summary>Whether it returned an old value: there was a newer one, which a weak memory need not show yet.</summary>
    public bool IsOld { get; init; }

    /// <summary>Position in <see cref="ExecutionTrace.Stacks"/>, or -1.</summary>
    public int Stack { get; init; } = -1;

    /// <summary>Number of the event, from 0, after which the thread began to wait for this one; -1 when it did not have to wait.</summary>
    public int WaitedSince { get; init; } = -1;

    /// <summary>Whether the thread before it could have gone on.</summary>
    public bool Preempts { get; init; }
}

/// <summary>Kinds of <see cref="TraceObject"/>.</summary>
public enum TraceObjectKind
{
    /// <summary>A variable, field or array element.</summary>
    Location,

    /// <summary>A lock.</summary>
    Lock,

    /// <summary>Another synchronization object.</summary>
    Synchronization,

    /// <summary>A thread that is joined.</summary>
    Thread,
}

/// <summary>Something that events are about.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Unique in its trace; what the program calls it, with a number when several are called so.</param>
public sealed record TraceObject(TraceObjectKind Kind, string Name);

/// <summary>Kinds of <see cref="TraceEdge"/>.</summary>
public enum TraceEdgeKind
{
    /// <summary>From starting a thread to its first event.</summary>
    Start,

    /// <summary>From a thread's last event to the return of a join.</summary>
    Join,

    /// <summary>From the write to the read that returned its value.</summary>
    ReadsFrom,

    /// <summary>From leaving a lock to the next entry.</summary>
    HandOver,

    /// <summary>From a pulse to the return of the wait it ended.</summary>
    Wake,

    /// <summary>Between successive operations on another synchronization object.</summary>
    Order,
}

/// <summary>Order between two events; numbers from 0.</summary>
/// <param name="From">The earlier.</param>
/// <param name="To">The later.</param>
/// <param name="Kind">Why.</param>
/// <param name="Implied">Whether the other edges order the two already; a picture without implied edges says the same.</param>
public readonly record struct TraceEdge(int From, int To, TraceEdgeKind Kind, bool Implied = false);

/// <summary>Kinds of <see cref="TraceMark"/>.</summary>
public enum TraceMarkKind
{
    /// <summary>The failure happened here.</summary>
    Failure,

    /// <summary>A thread waits here and will never go on.</summary>
    Blocked,

    /// <summary>One side of a data race; there are two.</summary>
    RaceSide,

    /// <summary>What the failure needs besides its interleaving, and what would prevent it: the missing edge of a race, the reordering of weak memory.</summary>
    Cause,
}

/// <summary>A place that matters.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Thread">Number of the thread.</param>
/// <param name="Event">The latest event before it, from 0; -1 before the first. A plain access, one side of a race, is no event itself.</param>
/// <param name="Text">What happened, in one line.</param>
/// <param name="Stack">Position in <see cref="ExecutionTrace.Stacks"/>, or -1.</param>
public sealed record TraceMark(TraceMarkKind Kind, int Thread, int Event, string Text, int Stack);
