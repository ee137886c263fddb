using Verify.Checker.Runtime;

namespace Verify.Checker.Testing;

/// <summary>A schedule made a test fail.</summary>
/// <param name="message">What happened, where the schedule is, how to replay it.</param>
/// <param name="failure">The verdict.</param>
/// <param name="schedules">Executions it took, the failing one included.</param>
public sealed class ConcurrencyTestException(string message, Failure failure, long schedules) : Exception(message)
{
    /// <summary>The verdict.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>Executions it took, the failing one included.</summary>
    public long Schedules { get; } = schedules;
}
