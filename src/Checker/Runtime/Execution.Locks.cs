namespace Verify.Checker.Runtime;

internal sealed partial class Execution
{
    private readonly Dictionary<object, LockState> _locks = new(ReferenceEqualityComparer.Instance); // written under _models, by the baton holder
    private readonly List<LockState> _ownLocks = [];
    private object? _lastLockObject;
    private LockState? _lastLock;

    internal LockState LockOf(object obj)
    {
        Memory?.NoteLocked(obj);
        if (ReferenceEquals(obj, _lastLockObject))
        {
            return _lastLock!;
        }

        if (!_locks.TryGetValue(obj, out LockState? state))
        {
            state = new LockState(NextObjectId());
            lock (_models)
            {
                _locks.Add(obj, state);
            }
        }

        _lastLockObject = obj;
        _lastLock = state;
        return state;
    }

    /// <summary>A lock that is not the monitor of an object.</summary>
    internal LockState NewLock()
    {
        var state = new LockState(NextObjectId());
        _ownLocks.Add(state);
        return state;
    }

    internal void Enter(ControlledThread self, LockState state, int site)
    {
        if (_aborting)
        {
            AbortPoint(self);
            return;
        }

        if (state.Owner == self)
        {
            state.Depth++; // re-entry cannot be observed by another thread, so it is no event
            return;
        }

        PostEnter(self, state, OperationKind.LockAcquire, site);
        Schedule(self);
        Commit(self);
        ThrowIfInterruptedEntering(self, state);
        Take(self, state, 1);
    }

    // The time-out is in virtual milliseconds; 0 tries once.
    internal bool TryEnter(ControlledThread self, LockState state, long timeout, int site)
    {
        if (_aborting)
        {
            AbortPoint(self);
            return true;
        }

        if (state.Owner == self)
        {
            state.Depth++;
            return true;
        }

        if (timeout <= 0 || Choose(self, 2, site) == Impatient)
        {
            Point(self, OperationKind.LockTry, (nuint)state.Id, site);
            if (state.Owner is not null)
            {
                return false;
            }

            Take(self, state, 1);
            return true;
        }

        self.Deadline = _now + timeout;
        PostEnter(self, state, OperationKind.LockAcquire, site);
        Schedule(self);
        Commit(self);
        self.Deadline = 0;
        ThrowIfInterruptedEntering(self, state);
        if (state.Owner is not null)
        {
            LeaveEntrySet(self, state); // enabled by FireTimeout
            return false;
        }

        Take(self, state, 1);
        return true;
    }

    internal void Exit(ControlledThread self, LockState state, int site)
    {
        if (_aborting)
        {
            return; // runs in finally blocks; the state of the execution no longer matters
        }

        if (state.Owner != self)
        {
            throw new SynchronizationLockException();
        }

        if (state.Depth > 1)
        {
            state.Depth--;
            return;
        }

        Point(self, OperationKind.LockRelease, (nuint)state.Id, site);
        if (!_aborting)
        {
            Release(state);
        }
    }

    // False when the time-out fired; in virtual milliseconds, negative waits without end.
    internal bool Wait(ControlledThread self, LockState state, long timeout, int site)
    {
        if (_aborting)
        {
            AbortPoint(self);
            return true;
        }

        if (state.Owner != self)
        {
            throw new SynchronizationLockException();
        }

        ThrowIfInterrupted(self);
        Point(self, OperationKind.MonitorWait, (nuint)state.Id, site);
        ThrowIfInterrupted(self); // it came before this thread was asleep
        int depth = state.Depth;
        state.Waiting.Add(self);
        _pending[self.Id] = new PendingOperation(OperationKind.LockAcquire, (nuint)state.Id, site);
        self.WaitsFor = "a pulse of lock " + state.Id;
        self.WaitsOn = state;
        bool impatient = timeout >= 0 && Choose(self, 2, site) == Impatient;
        Release(state);
        if (impatient)
        {
            state.Entering.Add(self); // chosen before a pulse, it has timed out
        }
        else
        {
            self.Deadline = timeout >= 0 ? _now + timeout : 0;
            Disable(self);
        }

        Schedule(self);
        Commit(self);
        self.Deadline = 0;
        self.WaitsOn = null;
        bool pulsed = !state.Waiting.Remove(self);
        Take(self, state, depth);
        return self.InterruptDelivered ? throw Interrupted(self) : pulsed;
    }

    internal void Pulse(ControlledThread self, LockState state, bool all, int site)
    {
        if (_aborting)
        {
            AbortPoint(self);
            return;
        }

        if (state.Owner != self)
        {
            throw new SynchronizationLockException();
        }

        Point(self, OperationKind.MonitorPulse, (nuint)state.Id, site);
        while (state.Waiting.Count > 0)
        {
            ControlledThread waiter = state.Waiting[0];
            state.Waiting.RemoveAt(0);
            waiter.WaitsFor = state.Name;
            waiter.BlockedOn = state;
            if (!state.Entering.Contains(waiter))
            {
                state.Entering.Add(waiter);
            }

            if (!all)
            {
                break;
            }
        }
    }

    private void PostEnter(ControlledThread self, LockState state, OperationKind kind, int site)
    {
        _pending[self.Id] = new PendingOperation(kind, (nuint)state.Id, site);
        state.Entering.Add(self);
        if (state.Owner is not null)
        {
            self.WaitsFor = state.Name;
            self.BlockedOn = state;
            if (!self.InterruptPending)
            {
                Disable(self);
            }
        }
    }

    private static void ThrowIfInterruptedEntering(ControlledThread self, LockState state)
    {
        if (self.InterruptDelivered || (self.InterruptPending && state.Owner is not null))
        {
            LeaveEntrySet(self, state);
            throw Interrupted(self);
        }
    }

    private static void LeaveEntrySet(ControlledThread self, LockState state)
    {
        state.Entering.Remove(self);
        self.WaitsFor = null;
        self.BlockedOn = null;
    }

    private void Take(ControlledThread self, LockState state, int depth)
    {
        LeaveEntrySet(self, state);
        state.Owner = self;
        state.Depth = depth;
        state.EnteredAt = _pending[self.Id].Site;
        self.LocksHeld++;
        Acquired(self, state.Id);
        foreach (ControlledThread other in state.Entering)
        {
            other.BlockedOn = state;
            other.WaitsFor ??= state.Name;

            // One that was interrupted while it entered goes on to throw; one in Monitor.Wait needs the lock for that.
            if (!other.InterruptPending || other.WaitsOn is not null)
            {
                Disable(other);
            }
        }
    }

    private void Release(LockState state)
    {
        Released(state.Owner!, state.Id);
        state.Owner!.LocksHeld--;
        state.Owner = null;
        state.Depth = 0;
        foreach (ControlledThread other in state.Entering)
        {
            Enable(other);
        }
    }
}
