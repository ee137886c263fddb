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

/// <summary>A defect, its fate, and the scenario variant that killed it with what that said; schedules over all the variants that reach the place.</summary>
internal sealed record MutantResult(MutationSite Site, Fate Fate, string By, string Message, long Schedules, int Variants);

/// <summary>How many schedules at most per defect and variant, from which seed, in how many processes.</summary>
internal sealed record MutationPlan(int Schedules, ulong Seed, int Workers);
