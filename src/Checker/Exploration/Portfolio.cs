using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>One budget spent over several strategies in turn: no single one finds everything first.</summary>
/// <remarks>
/// Reads-from targeting takes a third since it needs the fewest schedules where many threads must line up; SURW, POS and PCT cover orders of few
/// events; the random walk covers what the others' assumptions exclude. See docs/exploration.md for schedules to first bug.
/// </remarks>
public sealed class Portfolio : IExplorationStrategy, IDelegates
{
    private readonly (string Name, IExplorationStrategy Strategy)[] _members;

    /// <summary>Round-robin over the members, each with its own stream of the seed.</summary>
    public Portfolio(ulong seed)
    {
        _members =
        [
            ("rff", new ReadsFromTargeting(seed)),
            ("surw", new SelectivelyUniform(seed + 1)),
            ("pos", new PartialOrderSampling(seed + 2)),
            ("rff", new ReadsFromTargeting(seed + 3)),
            ("pct", new Pct(3, seed + 4)),
            ("random", new RandomWalk(seed + 5)),
        ];
    }

    /// <inheritdoc/>
    public IScheduler? Next(long execution, int longest) =>
        _members[execution % _members.Length].Strategy.Next(execution / _members.Length, longest);

    string IDelegates.NameOf(long execution) => _members[execution % _members.Length].Name;
}
