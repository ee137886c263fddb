namespace Verify.Checker.Runtime;

// Virtual time. A timed wait is a choice: answer 0 is patient, it ends by time-out only when nothing else can run, earliest deadline first;
// answer 1 is impatient, the thread stays enabled and being chosen before what it waits for is the time-out. So every moment is explored,
// and a schedule of zeros has no time-out that real time would not force. Giving way takes time too: or a thread that spins until another one's
// time-out has done something would spin for ever.
internal sealed partial class Execution
{
    private const int Impatient = 1;

    private const int YieldsToTimeOut = 64;
    private const int FairStepsToTimeOut = 256; // of those that are scheduled fairly

    private long _now = 1; // virtual milliseconds; not 0, which as a deadline means none
    private int _yields;

    private void TimePasses()
    {
        if (++_yields == YieldsToTimeOut)
        {
            _yields = 0;
            FireTimeout();
        }
    }

    // Lets the earliest time-out fire. False when no thread waits with one: a deadlock.
    private bool FireTimeout()
    {
        ControlledThread? first = null;
        foreach (ControlledThread thread in _threads)
        {
            if (!thread.Finished && thread.Deadline > 0 && (first is null || thread.Deadline < first.Deadline))
            {
                first = thread;
            }
        }

        if (first is null)
        {
            return false;
        }

        _now = Math.Max(_now, first.Deadline);
        first.Deadline = 0;
        if (first.WaitsOn is { } state)
        {
            // Monitor.Wait must retake the lock before it can return, timed out or not. It stays in Waiting: that is how Wait knows.
            state.Entering.Add(first);
            if (state.Owner is not null)
            {
                return true;
            }
        }

        Enable(first);
        return true;
    }
}
