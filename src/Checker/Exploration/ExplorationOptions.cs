using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>What to explore and for how long.</summary>
public sealed record ExplorationOptions
{
    /// <summary>Name in <see cref="StrategyCatalog"/>.</summary>
    public string Strategy { get; init; } = "random";

    /// <summary>Seed of the random strategies; any value, near ones are as independent as far ones.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Most schedules to try; at least 1.</summary>
    public long Schedules { get; init; } = 1000;

    /// <summary>Most wall-clock time to spend, checked between executions; null for no limit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>
    /// Most steps of one execution; past it the execution is abandoned and counted in <see cref="ExplorationResult.Unfinished"/>, or fails as a
    /// livelock. From half of them on it is scheduled fairly.
    /// </summary>
    public int MaxSteps { get; init; } = 100_000;

    /// <summary>Whether an execution that reaches <see cref="MaxSteps"/> is a finding.</summary>
    public bool FailOnMaxSteps { get; init; }

    /// <summary>Memory model and race detection.</summary>
    public MemoryOptions Memory { get; init; } = MemoryOptions.Default;

    /// <summary>
    /// Real time that a controlled thread may run without coming back to the checker; past it the verdict is <see cref="FailureKind.UncontrolledBlocking"/>.
    /// </summary>
    public TimeSpan Patience { get; init; } = DefaultPatience;

    internal static TimeSpan DefaultPatience { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Bug depth of PCT; at least 1.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Preemption bound of the depth-first strategy; at least 0.</summary>
    public int Preemptions { get; init; } = 2;

    /// <summary>The preemption bound that dfs begins with, 0 to <see cref="Preemptions"/>.</summary>
    public int FirstPreemptions { get; init; }

    /// <summary>Most answers of a weak memory in an execution of dfs that a sequentially consistent memory would not give; at least 0.</summary>
    public int WeakAnswers { get; init; } = 2;

    /// <summary>Which part of the schedules dfs tries, 0 to <see cref="Parts"/> - 1.</summary>
    public int Part { get; init; }

    /// <summary>How many parts there are; at least 1.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>Whether to count the different classes of executions, see <see cref="StrategyCoverage"/>; costs a pass over the events of each.</summary>
    public bool CountTraces { get; init; }

    /// <summary>Whether to say which sites were reached; costs a pass over the events of each execution.</summary>
    public bool CollectSites { get; init; }
}
