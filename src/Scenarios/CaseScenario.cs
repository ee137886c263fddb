namespace Verify.Scenarios;

/// <summary>A variant and one execution of it.</summary>
public sealed record ScenarioCase(ScenarioVariant Variant, Action Body)
{
    /// <summary>A design no interleaving of which breaks the invariant.</summary>
    public static ScenarioCase Sound(string name, string reason, Action body) => new(new ScenarioVariant(name, ExpectedVerdict.Clean, reason), body);

    /// <summary>A sound design with one line wrong.</summary>
    /// <param name="outcome">What the failure's message must contain.</param>
    public static ScenarioCase Mutant(
        string name, string reason, string outcome, Action body, MemoryModelName racyFrom = MemoryModelName.Sc) =>
        new(new ScenarioVariant(name, ExpectedVerdict.Racy, reason, IsMutant: true, racyFrom, outcome), body);

    /// <summary>A design that was proposed or shipped, and refuted.</summary>
    /// <inheritdoc cref="Mutant"/>
    public static ScenarioCase Refuted(string name, string reason, string outcome, Action body) =>
        new(new ScenarioVariant(name, ExpectedVerdict.Racy, reason, Outcome: outcome), body);
}

/// <summary>A scenario whose variants bring their own body; all check the same invariant.</summary>
public abstract class CaseScenario(params ScenarioCase[] cases) : Scenario
{
    public sealed override IReadOnlyList<ScenarioVariant> Variants { get; } = cases.Select(c => c.Variant).ToArray();

    protected sealed override void Run(ScenarioVariant variant)
    {
        foreach (ScenarioCase candidate in cases)
        {
            if (ReferenceEquals(candidate.Variant, variant))
            {
                candidate.Body();
            }
        }
    }

    /// <exception cref="InvariantViolationException">The invariant does not hold.</exception>
    protected static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvariantViolationException(otherwise);
        }
    }
}
