namespace Verify.Cli.Compare;

/// <summary>What <c>verify compare</c> found out: a group for strategies, one for dirty-memory designs, one for variants of RCU.</summary>
/// <param name="Groups">In the order shown.</param>
/// <param name="Host">Processors, runtime, how busy.</param>
/// <param name="Quick">Whether it had a minute instead of its time.</param>
internal sealed record Comparison(IReadOnlyList<ComparisonGroup> Groups, string Host, bool Quick);

/// <summary>Designs that can take each other's place.</summary>
/// <param name="Title">A heading.</param>
/// <param name="Columns">What was measured; lower is better in every one.</param>
/// <param name="Rows">A design each.</param>
/// <param name="Advice">What follows, a sentence each.</param>
internal sealed record ComparisonGroup(string Title, IReadOnlyList<CostColumn> Columns, IReadOnlyList<ComparisonRow> Rows, IReadOnlyList<string> Advice);

/// <summary>A cost.</summary>
/// <param name="Key">Name for programs.</param>
/// <param name="Title">Name for people.</param>
/// <param name="Unit">ns, bytes, lines.</param>
/// <param name="Backend">"interp" or "x64" where it was measured with that back end; empty where there is none.</param>
internal sealed record CostColumn(string Key, string Title, string Unit, string Backend = "")
{
    /// <summary>The title, with the back end that is not the ordinary one.</summary>
    internal string FullTitle => Backend.Length == 0 || Backend == "interp" ? Title : $"{Title}, {Backend}";
}

/// <summary>A design.</summary>
/// <param name="Name">As on a command line.</param>
/// <param name="Soundness">What exploring it showed.</param>
/// <param name="Costs">By <see cref="CostColumn.Key"/>; what was not measured is missing.</param>
internal sealed record ComparisonRow(string Name, Soundness Soundness, IReadOnlyDictionary<string, Cost> Costs);

/// <summary>A measured cost.</summary>
/// <param name="Value">In the column's unit; of times the minimum, which repeats where the mean does not.</param>
/// <param name="Noisy">The median is more than half as much again: other work disturbed it.</param>
internal readonly record struct Cost(double Value, bool Noisy = false);

/// <summary>What exploring a design showed.</summary>
/// <param name="Schedules">Executions, over all scenarios and models.</param>
/// <param name="Models">Memory models explored.</param>
/// <param name="Races">What was found; empty when nothing was.</param>
/// <param name="KnownFlaw">Why the catalogue calls it unsound; null when it calls it sound.</param>
/// <param name="Open">Scenarios that the budget left unfinished.</param>
internal sealed record Soundness(long Schedules, IReadOnlyList<string> Models, IReadOnlyList<FoundRace> Races, string? KnownFlaw, int Open)
{
    /// <summary>The column's word: "unsound" is what the catalogue calls so, and these schedules did not show.</summary>
    internal string Verdict => Races.Count > 0 ? "racy" : Schedules == 0 ? "open" : KnownFlaw is not null ? "unsound" : "clean";

    /// <summary>Whether nothing was found that the catalogue rules out.</summary>
    internal bool AsExpected => Races.Count == 0 || KnownFlaw is not null;

    /// <summary>Whether it may be recommended.</summary>
    internal bool IsSound => Verdict == "clean" && Open == 0;
}

/// <summary>One race.</summary>
/// <param name="Scenario">Where.</param>
/// <param name="Model">Under which memory model.</param>
/// <param name="Message">What.</param>
/// <param name="Schedule">How many schedules it took.</param>
/// <param name="Replay">The command that brings it back.</param>
internal sealed record FoundRace(string Scenario, string Model, string Message, long Schedule, string Replay);
