using Verify.Engine.Execution;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Memory;

/// <summary>Mutant: who changes RAM with the big lock held keeps it while it waits for its turn.</summary>
public readonly struct BigLockKept : IProtocol
{
    public static void ChangeRam(BigLock bigLock, object plugLock, Action change)
    {
        lock (plugLock) // the wrong line: the big lock is given up first
        {
            change();
        }
    }
}
