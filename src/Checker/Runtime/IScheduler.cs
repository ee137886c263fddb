namespace Verify.Checker.Runtime;

/// <summary>Decides one execution. A new one is made for every execution, so there is no state to reset.</summary>
public interface IScheduler
{
    /// <summary>Chooses the thread that performs the next event. Must return a member of <see cref="SchedulingPoint.Enabled"/>.</summary>
    int ChooseThread(in SchedulingPoint point);

    /// <summary>Chooses one of <paramref name="count"/> (at least 2) answers; 0 is the ordinary one (no time-out, the newest value).</summary>
    int ChooseValue(int count, int thread, int site);
}

/// <summary>What a scheduler sees when it decides.</summary>
public readonly ref struct SchedulingPoint
{
    private readonly Execution _execution;

    internal SchedulingPoint(int step, int current, ReadOnlySpan<int> enabled, ReadOnlySpan<PendingOperation> pending, int enabledVersion,
        Execution execution)
    {
        Step = step;
        Current = current;
        Enabled = enabled;
        Pending = pending;
        EnabledVersion = enabledVersion;
        _execution = execution;
    }

    /// <summary>Number of this decision, from 1.</summary>
    public int Step { get; }

    /// <summary>The thread that ran last; it may be disabled or ended.</summary>
    public int Current { get; }

    /// <summary>Threads that can proceed, in ascending order; never empty.</summary>
    public ReadOnlySpan<int> Enabled { get; }

    /// <summary>What each thread does next, by thread number; meaningful for threads that have not ended.</summary>
    public ReadOnlySpan<PendingOperation> Pending { get; }

    /// <summary>Grows whenever a thread becomes enabled or disabled; lets a scheduler keep what it derived from <see cref="Enabled"/>.</summary>
    public int EnabledVersion { get; }

    /// <summary>
    /// A hash of the state: equal for executions that can go on in the same ways. Null where states are not tracked, or something happened in the
    /// execution that makes its states incomparable.
    /// </summary>
    public UInt128? State() => _execution.Memory?.States is { IsComparable: true } states
        ? states.State(Pending, _execution.Threads, Enabled)
        : null;

    /// <summary>Whether the thread that ran last can go on.</summary>
    public bool CurrentEnabled => Enabled.BinarySearch(Current) >= 0;
}
