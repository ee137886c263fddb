using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>Translation that gives up for want of space keeps its page locks.</summary>
/// <remarks>Races.md TB17, the other side.</remarks>
public readonly struct LocksKeptOnOverflow : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<LocksKeptOnOverflow>(
        "locks-kept-on-overflow", "another vCPU waits for the page inside its execution, which the flush waits for");

    public static void GiveUp(PageLocks held) => held.Abandon(); // the wrong line: Dispose
}
