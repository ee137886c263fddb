using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Monitor"/> and so for the <c>lock</c> statement on objects.</summary>
/// <remarks>As in .NET: re-entrant, barging (a freed lock goes to whoever enters first), and Pulse wakes the thread that has waited longest.</remarks>
[ShimFor(typeof(Monitor))]
[PassThrough("get_LockContentionCount")]
public static class MonitorShim
{
    public static void Enter(object obj, int site)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (ControlledThread.Current is { } self)
        {
            self.Execution.Enter(self, self.Execution.LockOf(obj), site);
        }
        else
        {
            Execution.CheckUseFromOutside(obj, "Monitor.Enter");
            Monitor.Enter(obj);
        }
    }

    public static void Enter(object obj, ref bool lockTaken, int site)
    {
        if (ControlledThread.Current is null)
        {
            Execution.CheckUseFromOutside(obj, "Monitor.Enter");
            Monitor.Enter(obj, ref lockTaken);
            return;
        }

        ThrowIfTaken(lockTaken);
        Enter(obj, site);
        lockTaken = true;
    }

    public static bool TryEnter(object obj, int site) => TryEnter(obj, 0, site);

    public static void TryEnter(object obj, ref bool lockTaken, int site) => TryEnter(obj, 0, ref lockTaken, site);

    public static bool TryEnter(object obj, TimeSpan timeout, int site) => TryEnter(obj, Timeouts.Milliseconds(timeout), site);

    public static void TryEnter(object obj, TimeSpan timeout, ref bool lockTaken, int site) =>
        TryEnter(obj, Timeouts.Milliseconds(timeout), ref lockTaken, site);

    public static void TryEnter(object obj, int millisecondsTimeout, ref bool lockTaken, int site)
    {
        ThrowIfTaken(lockTaken);
        lockTaken = TryEnter(obj, millisecondsTimeout, site);
    }

    public static bool TryEnter(object obj, int millisecondsTimeout, int site)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        if (ControlledThread.Current is not { } self)
        {
            Execution.CheckUseFromOutside(obj, "Monitor.TryEnter");
            return Monitor.TryEnter(obj, millisecondsTimeout);
        }

        if (millisecondsTimeout == Timeout.Infinite)
        {
            Enter(obj, site);
            return true;
        }

        return self.Execution.TryEnter(self, self.Execution.LockOf(obj), millisecondsTimeout, site);
    }

    public static void Exit(object obj, int site)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (ControlledThread.Current is { } self)
        {
            self.Execution.Exit(self, self.Execution.LockOf(obj), site);
        }
        else
        {
            Monitor.Exit(obj);
        }
    }

    public static bool IsEntered(object obj, int site)
    {
        ArgumentNullException.ThrowIfNull(obj);
        return ControlledThread.Current is { } self ? self.Execution.LockOf(obj).Owner == self : Monitor.IsEntered(obj);
    }

    public static bool Wait(object obj, int site) => Wait(obj, Timeout.Infinite, site);

    public static bool Wait(object obj, TimeSpan timeout, int site) => Wait(obj, Timeouts.Milliseconds(timeout), site);

    public static bool Wait(object obj, TimeSpan timeout, bool exitContext, int site) => Wait(obj, Timeouts.Milliseconds(timeout), site);

    public static bool Wait(object obj, int millisecondsTimeout, bool exitContext, int site) => Wait(obj, millisecondsTimeout, site);

    public static bool Wait(object obj, int millisecondsTimeout, int site)
    {
        ArgumentNullException.ThrowIfNull(obj);
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        return ControlledThread.Current is { } self
            ? self.Execution.Wait(self, self.Execution.LockOf(obj), millisecondsTimeout, site)
            : Monitor.Wait(obj, millisecondsTimeout);
    }

    public static void Pulse(object obj, int site) => Pulse(obj, all: false, site);

    public static void PulseAll(object obj, int site) => Pulse(obj, all: true, site);

    private static void Pulse(object obj, bool all, int site)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (ControlledThread.Current is { } self)
        {
            self.Execution.Pulse(self, self.Execution.LockOf(obj), all, site);
        }
        else if (all)
        {
            Monitor.PulseAll(obj);
        }
        else
        {
            Monitor.Pulse(obj);
        }
    }

    private static void ThrowIfTaken(bool lockTaken)
    {
        if (lockTaken)
        {
            throw new ArgumentException("Argument must be initialized to false", nameof(lockTaken));
        }
    }
}
