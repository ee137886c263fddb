namespace Verify.Checker.Runtime;

/// <summary>One event of an execution: which thread did what, where. The sequence of them is the schedule.</summary>
/// <param name="Thread">Number of the thread, in order of creation; 0 is the test body.</param>
/// <param name="Site">Where; see <see cref="SiteTable"/>.</param>
/// <param name="Kind">What.</param>
/// <param name="Value">The answer of a <see cref="OperationKind.Choice"/>; otherwise 0.</param>
public readonly record struct Step(int Thread, int Site, OperationKind Kind, int Value);
