using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Work;

/// <summary>Who waits for work is woken before the work is marked done.</summary>
/// <remarks>Races.md scenario 30, "broadcast before done".</remarks>
public readonly struct WokenBeforeDone : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<WokenBeforeDone>(
        "woken-before-done", "the waiter wakes, finds the work not done and sleeps again, for good");

    public static void Complete(CpuWork work, object completion)
    {
        lock (completion)
        {
            Monitor.PulseAll(completion);
        }

        work.Done = true; // the wrong line: it comes first
    }
}
