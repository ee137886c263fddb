namespace Verify.Cli.Stress;

/// <summary>What a worker is asked to do: run a variant, or a guest, for so long.</summary>
/// <param name="Scenario">Of the variant; empty for a guest.</param>
/// <param name="Variant">Its name.</param>
/// <param name="Seconds">Runs are begun until so much time has passed.</param>
/// <param name="Seed">Decides where delays are.</param>
/// <param name="Guest">The guest instead, if any.</param>
internal sealed record StressRequest(string Scenario, string Variant, double Seconds, ulong Seed, GuestStressCell? Guest = null);

/// <summary>How often a variant ended how on real threads.</summary>
/// <param name="Runs">Executions that ended, well or not.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Outcomes">Failures, in words, with how often each was seen; digits are left out, since addresses and generations differ.</param>
/// <param name="First">Number of the first failing execution, from 1; 0 when none failed.</param>
/// <param name="Stuck">The last execution did not end within the patience; its threads are lost, and the process with them.</param>
/// <param name="Events">For guests: how often each interesting thing was seen, by name; null for variants.</param>
internal sealed record StressResult(
    long Runs, double Seconds, IReadOnlyDictionary<string, long> Outcomes, long First, bool Stuck, IReadOnlyDictionary<string, long>? Events = null)
{
    /// <summary>What is reported of a process that died.</summary>
    internal const string Crash = "the process died";

    /// <summary>What is reported of an execution that does not end.</summary>
    internal const string Hang = "no end: threads wait for each other, or go round in circles";

    internal long Failures => Outcomes.Values.Sum();
}
