namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>What executions of a litmus test reached.</summary>
/// <param name="Test">The test.</param>
/// <param name="Options">Model and options it ran under.</param>
/// <param name="Outcomes">Distinct final states as litmus files write them, in ordinal order, with how many executions ended in each.</param>
/// <param name="ConditionReached">Whether one of them satisfies the test's final condition.</param>
/// <param name="Executions">Executions run, those cut short included.</param>
/// <param name="Deadlocks">Executions that ended with blocked threads; they have no final state.</param>
/// <param name="States">Distinct states met at scheduling points; 0 when sampled.</param>
public sealed record LitmusExploration(
    LitmusTest Test,
    MemoryModelOptions Options,
    IReadOnlyDictionary<string, int> Outcomes,
    bool ConditionReached,
    long Executions,
    long Deadlocks,
    int States)
{
    /// <summary>Whether every execution was tried: the outcomes are all there are.</summary>
    public bool IsComplete { get; init; } = true;
}
