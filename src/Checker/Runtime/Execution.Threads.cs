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

    /// <summary>Runs the body as thread 0 on the calling OS thread and returns when every controlled thread has ended.</summary>
    internal void Run(Action body)
    {
        var main = new ControlledThread(0, "main", this, _mainGate, Thread.CurrentThread) { Body = body, Started = true };
        Add(main, enabled: true);
        ControlledThread.Current = main;
        _running = main;
        Memory?.Begin(this);
        ThreadStatics.Reset();
        BeginModels();
        try
        {
            _pending[0] = new PendingOperation(OperationKind.ThreadBegin, 0, 0);
            RunBody(main);
            if (!main.Lost && Finish(main))
            {
                main.Gate.Wait(); // the last thread to end opens it
            }

            if (main.Woken)
            {
                TakeInterrupt();
            }
        }
        finally
        {
            ControlledThread.Current = null;
            EndModels();
            ReleaseQuarantine();
            Memory?.End();
        }
    }

    /// <summary>Entry of a pooled worker.</summary>
    internal void RunThread(ControlledThread thread, WorkerPool.Worker worker)
    {
        ControlledThread.Current = thread;
        _running = thread;
        if (!_aborting)
        {
            ThreadStatics.Reset();
            Commit(thread);
            RunBody(thread);
        }

        ControlledThread.Current = null;
        if (thread.Lost)
        {
            return; // the watchdog has ended it in its stead
        }

        if (thread.Woken)
        {
            _pool.Forget(worker); // an interrupt may still be pending
        }
        else
        {
            _pool.Return(worker);
        }

        Finish(thread);
    }

    private unsafe void RunBody(ControlledThread thread)
    {
        byte top;
        thread.StackTop = &top; // what is called from here on has its frames below
        try
        {
            thread.Body!();
            if (!_aborting)
            {
                Ended(thread);
            }
        }
        catch (ExecutionAbortException)
        {
        }
        catch (ThreadInterruptedException e) when (thread.Woken)
        {
            Fail(_reportedFromOutside! with { Details = e.ToString() }); // the trace shows where it was blocked
        }
        catch (Exception e) when (!_aborting)
        {
            // Once the execution is aborting, what a thread throws while it unwinds says nothing about the program.
            Fail(Failure.FromException(e, thread.Id), e);
        }
        catch (Exception)
        {
        }
    }

    // Ends the thread and hands the baton on. True when other threads are still to run.
    private bool Finish(ControlledThread thread)
    {
        _progress++;
        thread.Finished = true;
        thread.BlockedOn = null;
        Disable(thread);
        foreach (ControlledThread joiner in thread.Joiners)
        {
            Enable(joiner);
        }

        if (--_unfinished == 0)
        {
            if (thread.Id != 0)
            {
                _mainGate.Open();
            }

            return false;
        }

        // Background threads do not keep a process alive: when only they are left, they are unwound.
        if (!_aborting && _threads.TrueForAll(t => t.Finished || t.IsBackground))
        {
            _aborting = true;
        }

        if (!_aborting)
        {
            if (ChooseNext(thread) is { } next)
            {
                next.Gate.Open();
                return true;
            }
        }

        _threads.Find(t => !t.Finished)!.Gate.Open();
        return true;
    }

    private void Add(ControlledThread thread, bool enabled)
    {
        _threads.Add(thread);
        _unfinished++;
        if (_threads.Count > _pending.Length)
        {
            Array.Resize(ref _pending, _pending.Length * 2);
            Array.Resize(ref _enabled, _enabled.Length * 2);
        }

        if (enabled)
        {
            Enable(thread);
        }
    }
}
