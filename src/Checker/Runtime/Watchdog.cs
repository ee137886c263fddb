using System.Diagnostics;

namespace Verify.Checker.Runtime;

/// <summary>
/// Runs work that executes controlled threads on a thread of its own, and watches from the calling thread that they keep coming back to the checker.
/// </summary>
/// <remarks>
/// A controlled thread that blocks outside control (in code that was not rewritten, or that was allowed by name) would stop everything: it
/// holds the baton. It is woken by <see cref="Thread.Interrupt"/>, whose exception carries the stack that blocked; one that does not answer, since it
/// computes or waits in native code, is given up: the others are unwound and its operating-system thread is left behind.
/// </remarks>
internal sealed class Watchdog(TimeSpan patience)
{
    private const int StackBytes = 16 << 20; // of a main thread, and some more: bodies that ran on the caller's own thread must still fit

    private volatile Execution? _watched;
    private volatile bool _over;

    /// <summary>Told by the work which execution is under way.</summary>
    internal void Watch(Execution execution) => _watched = execution;

    /// <summary>Whether the caller has gone on without the work; then it must end at once and touch nothing.</summary>
    internal bool Over => _over;

    /// <summary>Returns when the work has ended, or false when it never will.</summary>
    /// <exception cref="InvalidOperationException">The calling thread is a controlled one.</exception>
    internal bool Run(Action work)
    {
        if (ControlledThread.Current is not null)
        {
            throw new InvalidOperationException("A controlled execution cannot start another one; call it from an uncontrolled thread.");
        }

        System.Runtime.ExceptionServices.ExceptionDispatchInfo? thrown = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    work();
                }
                catch (Exception e)
                {
                    thrown = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
                }
            },
            StackBytes)
        {
            IsBackground = true, // one that is lost must not keep the process
            Name = "exploration",
        };
        thread.Start();
        if (!WaitFor(thread))
        {
            _over = true;
            return false;
        }

        thrown?.Throw();
        return true;
    }

    private bool WaitFor(Thread thread)
    {
        // Counted in looks, not by a clock: while the whole machine sleeps, or this process gets no processor, nobody is to blame.
        int poll = (int)Math.Clamp(patience.TotalMilliseconds / 4, 1, 250);
        long looks = Math.Max(1, (long)(patience.TotalMilliseconds / poll));
        long still = 0;
        Execution? watched = null;
        int steps = -1;
        bool woken = false;
        while (!thread.Join(poll))
        {
            if (_watched is not { } now || now != watched || now.Progress != steps || Debugger.IsAttached)
            {
                watched = _watched;
                steps = watched?.Progress ?? -1;
                woken = false;
                still = 0;
                continue;
            }

            if (++still < looks || now.IsOver)
            {
                continue; // a strategy may think for long between two executions
            }

            if (!woken)
            {
                now.Wake(patience);
                woken = true;
            }
            else if (!now.GiveUp())
            {
                return false;
            }

            still = 0;
        }

        return true;
    }
}
