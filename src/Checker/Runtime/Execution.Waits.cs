namespace Verify.Checker.Runtime;

/// <summary>How a wait ended.</summary>
internal enum WaitOutcome
{
    Taken,
    TimedOut,
    Cancelled,
}

internal sealed partial class Execution
{
    private int _objects;

    /// <summary>Number of the next synchronization object of this execution, in order of first use.</summary>
    internal int NextObjectId() => ++_objects;

    /// <summary>Where the thread's latest event is.</summary>
    internal int SiteOf(ControlledThread thread) => _pending[thread.Id].Site;

    /// <summary>Waits until the object can be taken and takes it; one event.</summary>
    /// <param name="self">The calling thread.</param>
    /// <param name="source">What to take.</param>
    /// <param name="cancel">What ends the wait early, or null.</param>
    /// <param name="timeout">In virtual milliseconds; 0 tries once, negative waits without end.</param>
    /// <param name="site">Where.</param>
    internal WaitOutcome Wait(ControlledThread self, Waitable source, Waitable? cancel, long timeout, int site)
    {
        if (_aborting)
        {
            AbortPoint(self);
            return WaitOutcome.Taken;
        }

        if (timeout == 0 || (timeout > 0 && Choose(self, 2, site) == Impatient))
        {
            Point(self, OperationKind.WaitTry, source.Address, site);
            return _aborting ? WaitOutcome.Taken : Conclude(self, source, cancel, granted: false);
        }

        _pending[self.Id] = new PendingOperation(OperationKind.WaitAcquire, source.Address, site);
        self.WaitingFor = source;
        self.CancelledBy = cancel;
        source.Enlist(self);
        cancel?.Enlist(self);
        if (!IsReady(self))
        {
            self.Deadline = timeout > 0 ? _now + timeout : 0;
            self.WaitsFor = source.Describe();
            Disable(self);
        }

        Schedule(self);
        Commit(self);
        source.Delist(self);
        cancel?.Delist(self);
        bool granted = self.Granted;
        self.WaitingFor = null;
        self.CancelledBy = null;
        self.WaitsFor = null;
        self.Deadline = 0;
        self.Granted = false;
        if (!granted && (self.InterruptDelivered || (self.InterruptPending && !source.CanTake(self))))
        {
            throw Interrupted(self);
        }

        return Conclude(self, source, cancel, granted);
    }

    /// <summary>The same as a method of the framework answers: false after a time-out.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, before the wait or during it.</exception>
    internal bool Wait(ControlledThread self, Waitable source, CancellationToken token, long timeout, int site)
    {
        CancellationModel? cancel = CancellationModel.Of(self, token);
        if (cancel is { Cancelled: true } && !_aborting)
        {
            throw new OperationCanceledException(token);
        }

        return Wait(self, source, cancel, timeout, site) switch
        {
            WaitOutcome.Cancelled => throw new OperationCanceledException(token),
            WaitOutcome.Taken => true,
            _ => false,
        };
    }

    /// <summary>Waits until a spin lock is left. False when the time is over.</summary>
    internal bool WaitForRelease(ControlledThread self, Shims.SpinLocks spinning, long timeout, int site) =>
        Wait(self, spinning, null, timeout, site) == WaitOutcome.Taken;

    /// <summary>The event in which a thread changes a synchronization object. False when the execution is over and nothing matters any more.</summary>
    internal bool Signal(ControlledThread self, Waitable target, int site) => At(self, OperationKind.Signal, target, site);

    /// <summary>The event in which a thread reads the state of a synchronization object.</summary>
    internal bool Observe(ControlledThread self, Waitable target, int site) => At(self, OperationKind.Observe, target, site);

    /// <summary>The event of an attempt that does not wait; the caller looks and takes.</summary>
    internal bool Try(ControlledThread self, Waitable target, int site) => At(self, OperationKind.WaitTry, target, site);

    private bool At(ControlledThread self, OperationKind kind, Waitable target, int site)
    {
        Point(self, kind, target.Address, site);
        if (_aborting)
        {
            return false;
        }

        if (kind == OperationKind.Signal)
        {
            target.Released(self);
        }

        if (target.Address != 0)
        {
            target.Acquired(self); // every state is read through an interlocked or volatile access
        }

        return true;
    }

    /// <summary>
    /// Lets a waiting thread have the object now, whatever becomes of it before the thread runs: a real waiter is released by the signal itself.
    /// </summary>
    internal void Grant(ControlledThread waiter)
    {
        waiter.WaitingFor!.Take(waiter);
        waiter.Granted = true;
        waiter.WaitingFor.Changed(this);
        Enable(waiter);
    }

    /// <summary>Enables or disables a waiting thread by the state of what it waits for.</summary>
    internal void Refresh(ControlledThread waiter)
    {
        if (IsReady(waiter))
        {
            Enable(waiter);
        }
        else
        {
            Disable(waiter);
        }
    }

    private static bool IsReady(ControlledThread waiter) =>
        waiter.Granted || waiter.InterruptPending || waiter.WaitingFor!.CanTake(waiter) || waiter.CancelledBy is { } cancel && cancel.CanTake(waiter);

    private WaitOutcome Conclude(ControlledThread self, Waitable source, Waitable? cancel, bool granted)
    {
        if (granted)
        {
            source.Acquired(self);
            return WaitOutcome.Taken;
        }

        if (source.CanTake(self))
        {
            source.Take(self);
            source.Acquired(self);
            source.Changed(this);
            return WaitOutcome.Taken;
        }

        return cancel is not null && cancel.CanTake(self) ? WaitOutcome.Cancelled : WaitOutcome.TimedOut;
    }
}
