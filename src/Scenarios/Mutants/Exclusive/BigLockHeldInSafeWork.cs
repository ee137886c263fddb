using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>Safe work enters its exclusive section with the big lock held.</summary>
/// <remarks>Races.md TB23, the other direction.</remarks>
public readonly struct BigLockHeldInSafeWork : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<BigLockHeldInSafeWork>(
        "big-lock-held-in-safe-work", "a vCPU needs the big lock to come out, whose holder waits for it to come out (TB23)");

    public static void BeforeSafeWork(BigLock bigLock) { } // the wrong line: Exit

    public static void AfterSafeWork(BigLock bigLock) { }
}
