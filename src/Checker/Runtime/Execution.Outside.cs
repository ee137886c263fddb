namespace Verify.Checker.Runtime;

// What the watchdog does to an execution whose running thread does not come back. It is called on a thread of its own, while the baton is held by
// that thread; every other controlled thread sleeps at its gate, so nobody else touches the state.
internal sealed partial class Execution
{
    private const string NoStack = "its stack is not known: it caught the interrupt that was to tell it, or answered none, as code does that computes "
        + "or waits in native code";

    /// <summary>Grows while controlled threads come back to the checker.</summary>
    internal int Progress => Volatile.Read(ref _progress);

    /// <summary>Whether every thread has ended, as seen from outside.</summary>
    internal bool IsOver => Volatile.Read(ref _unfinished) == 0;

    /// <summary>Ends the wait of the running thread, if it is one that can be ended, and makes the execution fail.</summary>
    internal void Wake(TimeSpan patience)
    {
        ControlledThread stuck = _running!;
        PendingOperation last = _pending[stuck.Id];
        string message = $"{stuck.Name} has not come back for {patience.TotalSeconds:0.###} s after {last.Kind} at {SiteTable.Get(last.Site).Place}: "
            + "it blocks or computes outside control";
        Report(new Failure(FailureKind.UncontrolledBlocking, message, stuck.Id, NoStack));
        stuck.Woken = true;
        stuck.Host.Interrupt();
    }

    /// <summary>Ends the running thread in its stead and lets the others unwind. False when it is the thread the execution was started on.</summary>
    internal bool GiveUp()
    {
        ControlledThread stuck = _running!;
        Fail(_reportedFromOutside ?? new Failure(FailureKind.UncontrolledBlocking, $"{stuck.Name} did not unwind", stuck.Id, NoStack));
        stuck.Lost = true;
        if (stuck.Worker is { } worker)
        {
            _pool.Forget(worker);
        }

        bool isMain = stuck.Id == 0;
        Finish(stuck);
        if (isMain)
        {
            // Nobody waits for the others but the caller; each has the time that unwinding takes, and a stuck one stays behind too.
            SpinWait.SpinUntil(() => IsOver, TimeSpan.FromSeconds(1));
            EndModels();
        }

        return !isMain;
    }

    // One that ended nothing is still pending, and would end the next wait of this thread, whatever it is.
    private static void TakeInterrupt()
    {
        try
        {
            Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
        }
    }
}
