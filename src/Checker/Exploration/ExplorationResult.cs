using Verify.Checker.Explanation;
using Verify.Checker.Races;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>What an exploration did and found.</summary>
public sealed record ExplorationResult
{
    /// <summary>Executions run, the failing one included.</summary>
    public long Schedules { get; init; }

    /// <summary>Scheduling decisions over all of them.</summary>
    public long Decisions { get; init; }

    /// <summary>Steps of the longest execution.</summary>
    public int Longest { get; init; }

    /// <summary>Executions given up at <see cref="ExplorationOptions.MaxSteps"/>.</summary>
    public long Unfinished { get; init; }

    /// <summary>Wall-clock time.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Whether the strategy tried every schedule in its reach, and every answer of a weak memory.</summary>
    public bool Exhausted { get; init; }

    /// <summary>How far a strategy that searches all schedules came; null for one that samples.</summary>
    public SearchProgress? Search { get; init; }

    /// <summary>What each strategy went through, if <see cref="ExplorationOptions.CountTraces"/>.</summary>
    public IReadOnlyList<StrategyCoverage> Coverage { get; init; } = [];

    /// <summary>Sites that some execution reached, if <see cref="ExplorationOptions.CollectSites"/>; in no order.</summary>
    public IReadOnlyCollection<Site> Sites { get; init; } = [];

    /// <summary>Whether it was interrupted; what was found before that is kept.</summary>
    public bool Interrupted { get; init; }

    /// <summary>The first failure, confirmed by one replay, or null.</summary>
    public Failure? Failure { get; init; }

    /// <summary>What the failure needs of a weak memory; null unless it was found with weak answers.</summary>
    public WeakExplanation? Explanation { get; init; }

    /// <summary>Data races found, each once, in the order found; with <see cref="RaceMode.Fail"/> at most the one that is the failure.</summary>
    public IReadOnlyList<DataRace> Races { get; init; } = [];

    /// <summary>Executions that a garbage collection disturbed and that were run again; not counted in <see cref="Schedules"/>.</summary>
    public long Repeated { get; init; }

    /// <summary>The schedule that leads to <see cref="Failure"/>.</summary>
    public Schedule? Schedule { get; init; }
}

/// <summary>How far an exploration is.</summary>
/// <param name="Schedules">Executions so far.</param>
/// <param name="Decisions">Decisions so far.</param>
/// <param name="Search">How far a search is; null where schedules are sampled.</param>
public readonly record struct ExplorationProgress(long Schedules, long Decisions, Func<SearchProgress>? Search);
