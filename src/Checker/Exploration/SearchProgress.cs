using System.Text.Json.Serialization;

namespace Verify.Checker.Exploration;

/// <summary>How far a search of all schedules is, or was when it ended.</summary>
public sealed record SearchProgress
{
    /// <summary>Different executions run to their end.</summary>
    public long Executions { get; init; }

    /// <summary>Executions abandoned, or run on without branching, because they lead to nothing new.</summary>
    public long Blocked { get; init; }

    /// <summary>Different states met, where the search tells states apart; otherwise 0.</summary>
    public long States { get; init; }

    /// <summary>Preemption bound the search is at; null where preemptions are not bounded.</summary>
    public int? Bound { get; init; }

    /// <summary>Weak answers an execution may have at most; null where they are not bounded, or there are none.</summary>
    public int? WeakAnswers { get; init; }

    /// <summary>Whether a bound has kept something from being tried.</summary>
    public bool Cut { get; init; }

    /// <summary>Estimate of the part of the tree that has been explored, 0 to 1; 1 exactly when it is all of it.</summary>
    public double Explored { get; init; }

    /// <summary>Estimate of the executions there are in all; null before there is anything to go by.</summary>
    [JsonIgnore]
    public double? Estimate => Explored > 0 ? Executions / Explored : null;
}

/// <summary>A strategy that searches all schedules and knows how far it is.</summary>
public interface ISearch
{
    /// <summary>How far it is; to be asked between executions.</summary>
    SearchProgress Progress { get; }
}
