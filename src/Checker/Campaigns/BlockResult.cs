using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Campaigns;

/// <summary>What one block showed.</summary>
public sealed record BlockResult
{
    /// <summary>Executions run, the failing one included.</summary>
    public long Schedules { get; init; }

    /// <summary>Scheduling decisions over all of them.</summary>
    public long Decisions { get; init; }

    /// <summary>Executions given up at the step bound.</summary>
    public long Unfinished { get; init; }

    /// <summary>Wall-clock time in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Whether the strategy tried every schedule in its reach.</summary>
    public bool Exhausted { get; init; }

    /// <summary>How far a search came; null where schedules are sampled.</summary>
    public SearchProgress? Search { get; init; }

    /// <summary>
    /// What each strategy went through. In a <see cref="CampaignState"/> the last of a run of blocks has it for the run, the others have none.
    /// </summary>
    public IReadOnlyList<StrategyCoverage> Coverage { get; init; } = [];

    /// <summary>The first failure, or null.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The schedule that leads to it; null also when the process died before it could be recorded.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>Data races that were reported, a line each, in the order found.</summary>
    public IReadOnlyList<string> Races { get; init; } = [];

    internal static BlockResult Of(ExplorationResult result) => new()
    {
        Schedules = result.Schedules,
        Decisions = result.Decisions,
        Unfinished = result.Unfinished,
        Seconds = result.Elapsed.TotalSeconds,
        Exhausted = result.Exhausted,
        Search = result.Search,
        Coverage = result.Coverage,
        Failure = result.Failure,
        Races = [.. result.Races.Select(r => r.Message + "; " + r.Remedy)],
        Schedule = result.Failure is { } failure ? result.Schedule! with { Failure = failure } : null,
    };
}
