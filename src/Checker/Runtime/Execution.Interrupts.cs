namespace Verify.Checker.Runtime;

// Thread.Interrupt, as measured on .NET 10: it ends the wait under way or, failing that, the next one. A wait on a kernel handle, Monitor.Wait,
// Thread.Sleep and Thread.Join look for it before they begin; the others only if they block.
internal sealed partial class Execution
{
    internal void Interrupt(ControlledThread self, ControlledThread target, int site)
    {
        Point(self, OperationKind.Interrupt, (nuint)target.Id, site);
        if (_aborting || target.Finished)
        {
            return;
        }

        target.InterruptPending = true;
        if (target.WaitsOn is { } state)
        {
            InterruptMonitorWait(target, state);
        }
        else if (!IsEnabled(target))
        {
            target.InterruptDelivered = true;
            Enable(target);
        }
    }

    // Once pulsed, a waiter only retakes its lock, and that cannot be interrupted; before that it retakes the lock and then throws.
    private void InterruptMonitorWait(ControlledThread target, LockState state)
    {
        if (!state.Waiting.Contains(target))
        {
            return;
        }

        target.InterruptDelivered = true;
        if (!state.Entering.Contains(target))
        {
            state.Entering.Add(target);
        }

        if (state.Owner is null)
        {
            Enable(target);
        }
        else
        {
            target.WaitsFor = state.Name;
            target.BlockedOn = state;
        }
    }

    /// <summary>What the waits do that look for an interrupt before they begin.</summary>
    internal static void ThrowIfInterrupted(ControlledThread self)
    {
        if (self.InterruptPending)
        {
            throw Interrupted(self);
        }
    }

    private static ThreadInterruptedException Interrupted(ControlledThread self)
    {
        self.InterruptPending = false;
        self.InterruptDelivered = false;
        return new ThreadInterruptedException();
    }

    private bool IsEnabled(ControlledThread thread) => _enabled.AsSpan(0, _enabledCount).BinarySearch(thread.Id) >= 0;
}
