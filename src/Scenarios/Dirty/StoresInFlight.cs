using Verify.Engine.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>The stores of one vCPU under a hypervisor; re-arming waits for the one in flight, as the flush of a TLB by interrupt does.</summary>
internal sealed class StoresInFlight : ITlbRearm
{
    private readonly object _inFlight = new(); // held from a store's check to its end

    /// <summary>Checks and stores.</summary>
    internal void Do(Action checkAndStore)
    {
        lock (_inFlight)
        {
            checkAndStore();
        }
    }

    public void ResetDirty(long startPage, long pageCount)
    {
        lock (_inFlight)
        {
        }
    }
}
