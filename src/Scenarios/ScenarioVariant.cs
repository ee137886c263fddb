namespace Verify.Scenarios;

/// <summary>What exploring a variant is expected to show.</summary>
public enum ExpectedVerdict
{
    /// <summary>No interleaving breaks the invariant.</summary>
    Clean,

    /// <summary>Some interleaving breaks the invariant.</summary>
    Racy,
}

/// <summary>Memory models, from the strongest to the weakest: what one allows, all after it allow too.</summary>
public enum MemoryModelName
{
    /// <summary>Sequential consistency: interleavings only.</summary>
    Sc,

    /// <summary>Total store order (x86): a load may overtake an earlier store of its thread.</summary>
    Tso,

    /// <summary>The .NET memory model, as weak as Arm64 makes it.</summary>
    DotNet,
}

/// <summary>A scenario over one choice of design, with what exploring it must show.</summary>
/// <param name="Name">Lower case, with hyphens.</param>
/// <param name="Reason">One line: why the verdict is expected.</param>
/// <param name="IsMutant">One line of a sound design is wrong on purpose.</param>
/// <param name="RacyFrom">
/// The strongest model under which a racy variant's defect shows; under stronger ones it is clean. A clean variant is clean under every model.
/// </param>
/// <param name="Outcome">What the message of a racy variant's failure must contain: one of the parts between bars; null if any failure will do.</param>
public sealed record ScenarioVariant(
    string Name,
    ExpectedVerdict Expected,
    string Reason,
    bool IsMutant = false,
    MemoryModelName RacyFrom = MemoryModelName.Sc,
    string? Outcome = null)
{
    /// <summary>The verdict expected of an exploration under a model.</summary>
    public ExpectedVerdict ExpectedUnder(MemoryModelName model) =>
        Expected == ExpectedVerdict.Racy && model >= RacyFrom ? ExpectedVerdict.Racy : ExpectedVerdict.Clean;

    /// <summary>Whether an exploration under a model ended as expected.</summary>
    /// <param name="model">The model it explored under.</param>
    /// <param name="failure">The message of the failure it found; null if it found none.</param>
    public bool IsExpected(MemoryModelName model, string? failure) => ExpectedUnder(model) == ExpectedVerdict.Racy
        ? failure is not null && (Outcome is null || Outcome.Split('|').Any(o => failure.Contains(o, StringComparison.Ordinal)))
        : failure is null;
}
