namespace Verify.Checker.Runtime;

internal sealed partial class Execution
{
    /// <summary>Registers a thread that can be started later; it has no number yet, so that numbers are given in starting order.</summary>
    internal void Start(ControlledThread self, ThreadRecord record, int site)
    {
        Point(self, OperationKind.ThreadStart, 0, site);
        if (_aborting)
        {
            return;
        }

        WorkerPool.Worker worker = _pool.Rent();
        var thread = new ControlledThread(_threads.Count, record.Name ?? "thread" + _threads.Count, this, worker.Gate, worker.Host)
        {
            Body = record.Body,
            Worker = worker,
            IsBackground = record.IsBackground,
            Started = true,
            InterruptPending = record.InterruptPending,
        };
        record.Controlled = thread;
        worker.Thread = thread;
        Add(thread, enabled: true);
        Memory?.Start(self, thread);
        _pending[thread.Id] = new PendingOperation(OperationKind.ThreadBegin, 0, site);
    }

    // False when the time-out fired; in virtual milliseconds, negative waits without end.
    internal bool Join(ControlledThread self, ControlledThread target, long timeout, int site)
    {
        if (_aborting)
        {
            AbortPoint(self);
            return true;
        }

        if (!target.Finished)
        {
            ThrowIfInterrupted(self);
        }

        bool impatient = timeout == 0 || (timeout > 0 && Choose(self, 2, site) == Impatient);
        _pending[self.Id] = new PendingOperation(OperationKind.ThreadJoin, (nuint)target.Id, site);
        if (!target.Finished && !impatient)
        {
            target.Joiners.Add(self);
            self.WaitsFor = "the end of " + target.Name;
            self.Deadline = timeout > 0 ? _now + timeout : 0;
            Disable(self);
        }

        Schedule(self);
        self.WaitsFor = null;
        self.Deadline = 0;
        target.Joiners.Remove(self);
        Commit(self);
        if (self.InterruptDelivered)
        {
            throw Interrupted(self);
        }

        if (target.Finished)
        {
            Memory?.Join(self, target);
        }

        return target.Finished;
    }
}
