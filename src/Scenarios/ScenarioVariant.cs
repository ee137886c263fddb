namespace Verify.Scenarios;

/// <summary>What exploring a variant is expected to show.</summary>
public enum ExpectedVerdict
{
    /// <summary>No interleaving breaks the invariant.</summary>
    Clean,

    /// <summary>Some interleaving breaks the invariant.</summary>
    Racy,
}

/// <param name="Name">Lower case, with hyphens.</param>
/// <param name="Reason">One line: why the verdict is expected.</param>
/// <param name="IsMutant">One line of a sound design is wrong on purpose.</param>
public sealed record ScenarioVariant(string Name, ExpectedVerdict Expected, string Reason, bool IsMutant = false);
