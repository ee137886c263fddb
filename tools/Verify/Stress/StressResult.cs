namespace Verify.Cli.Stress;

/// <summary>What a worker is asked to do: run a variant for so long.</summary>
internal sealed record StressRequest(string Scenario, string Variant, double Seconds, ulong Seed);

/// <summary>How often a variant ended how on real threads.</summary>
/// <param name="Runs">Executions that ended, well or not.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Outcomes">Failures, in words, with how often each was seen; digits are left out, since addresses and generations differ.</param>
/// <param name="First">Number of the first failing execution, from 1; 0 when none failed.</param>
/// <param name="Stuck">The last execution did not end within the patience; its threads are lost, and the process with them.</param>
internal sealed record StressResult(long Runs, double Seconds, IReadOnlyDictionary<string, long> Outcomes, long First, bool Stuck)
{
    /// <summary>What is reported of a process that died.</summary>
    internal const string Crash = "the process died";

    /// <summary>What is reported of an execution that does not end.</summary>
    internal const string Hang = "no end: threads wait for each other, or go round in circles";

    internal long Failures => Outcomes.Values.Sum();
}
