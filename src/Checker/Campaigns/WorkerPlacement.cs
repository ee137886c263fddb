using Verify.Checker.Runtime;

namespace Verify.Checker.Campaigns;

/// <summary>Where a worker process runs its executions.</summary>
public static class WorkerPlacement
{
    /// <summary>Keeps controlled executions of this process on one processor, the one of that number among those allowed, counted around.</summary>
    /// <param name="processor">At least 0; workers get different ones.</param>
    public static void Use(int processor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(processor);
        OneProcessor.Preferred = processor;
    }
}
