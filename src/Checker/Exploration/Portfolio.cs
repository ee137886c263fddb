using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>One budget spent over several strategies in turn: no single one finds everything first.</summary>
/// <remarks>
/// Reads-from targeting takes a third since it needs the fewest schedules where many threads must line up; SURW, POS and PCT cover orders of few
/// events; the random walk covers what the others' assumptions exclude. See docs/exploration.md for schedules to first bug.
/// </remarks>
public sealed class Portfolio : IExplorationStrategy
{
    private readonly IExplorationStrategy[] _members;

    /// <summary>Round-robin over the members, each with its own stream of the seed.</summary>
    public Portfolio(ulong seed)
    {
        _members =
        [
            new ReadsFromTargeting(seed),
            new SelectivelyUniform(seed + 1),
            new PartialOrderSampling(seed + 2),
            new ReadsFromTargeting(seed + 3),
            new Pct(3, seed + 4),
            new RandomWalk(seed + 5),
        ];
    }

    /// <inheritdoc/>
    public IScheduler? Next(long execution, int longest) =>
        _members[execution % _members.Length].Next(execution / _members.Length, longest);
}
