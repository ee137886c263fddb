using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>What became of a defect.</summary>
internal enum Fate
{
    /// <summary>A scenario failed.</summary>
    Killed,

    /// <summary>Every scenario that reaches the place stayed clean.</summary>
    Survived,

    /// <summary>No scenario reaches the place.</summary>
    NotReached,

    /// <summary>The defect made the program invalid; that says nothing of the scenarios.</summary>
    Invalid,
}

/// <summary>A defect and its fate.</summary>
/// <param name="Site">The defect.</param>
/// <param name="Fate">What became of it.</param>
/// <param name="By">The scenario variant that killed it; otherwise empty.</param>
/// <param name="Under">The memory options it was killed under, in the words of schedule files; otherwise empty.</param>
/// <param name="Message">What the failure said, or why the program is invalid.</param>
/// <param name="Schedules">Schedules tried, the killing one included.</param>
/// <param name="Variants">Variants that reach the place.</param>
/// <param name="Seconds">What it took.</param>
/// <param name="IsCarried">An earlier build decided.</param>
internal sealed record MutantResult(
    MutationSite Site, Fate Fate, string By, string Under, string Message, long Schedules, int Variants, double Seconds = 0, bool IsCarried = false);

/// <summary>What is spent on a defect.</summary>
/// <param name="Schedules">Schedules per defect, at most; the variants that reach it share them.</param>
/// <param name="Seed">Seed of the exploration.</param>
internal sealed record MutationPlan(long Schedules, ulong Seed);
