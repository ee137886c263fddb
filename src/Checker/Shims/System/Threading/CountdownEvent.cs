using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="CountdownEvent"/>.</summary>
[ShimFor(typeof(CountdownEvent))]
public static class CountdownEventShim
{
    public static CountdownEvent Create(int initialCount, int site) => new(initialCount);

    public static bool Signal(CountdownEvent self, int site) => Signal(self, 1, site);

    public static bool Signal(CountdownEvent self, int signalCount, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CountdownEvent.Signal");
            return self.Signal(signalCount);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(signalCount, 1);
        Countdown model = Of(thread, self);
        if (!thread.Execution.Signal(thread, model, site))
        {
            return true;
        }

        if (model.Count < signalCount)
        {
            throw new InvalidOperationException("Invalid attempt made to decrement the event's count below zero.");
        }

        model.Count -= signalCount;
        model.Changed(thread.Execution);
        return model.Count == 0;
    }

    public static void AddCount(CountdownEvent self, int site) => AddCount(self, 1, site);

    public static void AddCount(CountdownEvent self, int signalCount, int site)
    {
        if (!TryAddCount(self, signalCount, site))
        {
            throw new InvalidOperationException("The event is already signaled and cannot be incremented.");
        }
    }

    public static bool TryAddCount(CountdownEvent self, int site) => TryAddCount(self, 1, site);

    public static bool TryAddCount(CountdownEvent self, int signalCount, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CountdownEvent.TryAddCount");
            return self.TryAddCount(signalCount);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(signalCount, 1);
        Countdown model = Of(thread, self);
        if (!thread.Execution.Signal(thread, model, site))
        {
            return true;
        }

        if (model.Count == 0)
        {
            return false;
        }

        if (model.Count > int.MaxValue - signalCount)
        {
            throw new InvalidOperationException("The increment operation would cause the CurrentCount to overflow.");
        }

        model.Count += signalCount;
        return true;
    }

    public static void Reset(CountdownEvent self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            Reset(self, Of(thread, self).Initial, site);
        }
        else
        {
            Execution.CheckUseFromOutside(self, "CountdownEvent.Reset");
            self.Reset();
        }
    }

    public static void Reset(CountdownEvent self, int count, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CountdownEvent.Reset");
            self.Reset(count);
            return;
        }

        Countdown model = Of(thread, self);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (thread.Execution.Signal(thread, model, site))
        {
            model.Initial = count;
            model.Count = count;
            model.Changed(thread.Execution);
        }
    }

    public static int get_CurrentCount(CountdownEvent self, int site) => Observed(self, site)?.Count ?? self.CurrentCount;

    public static int get_InitialCount(CountdownEvent self, int site) => Observed(self, site)?.Initial ?? self.InitialCount;

    public static bool get_IsSet(CountdownEvent self, int site) => Observed(self, site) is { } model ? model.Count == 0 : self.IsSet;

    public static void Wait(CountdownEvent self, int site) => Wait(self, Timeout.Infinite, CancellationToken.None, site);

    public static void Wait(CountdownEvent self, CancellationToken cancellationToken, int site) => Wait(self, Timeout.Infinite, cancellationToken, site);

    public static bool Wait(CountdownEvent self, TimeSpan timeout, int site) =>
        Wait(self, Timeouts.Milliseconds(timeout), CancellationToken.None, site);

    public static bool Wait(CountdownEvent self, TimeSpan timeout, CancellationToken cancellationToken, int site) =>
        Wait(self, Timeouts.Milliseconds(timeout), cancellationToken, site);

    public static bool Wait(CountdownEvent self, int millisecondsTimeout, int site) => Wait(self, millisecondsTimeout, CancellationToken.None, site);

    public static bool Wait(CountdownEvent self, int millisecondsTimeout, CancellationToken cancellationToken, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CountdownEvent.Wait");
            return self.Wait(millisecondsTimeout, cancellationToken);
        }

        Timeouts.Check(millisecondsTimeout);
        return thread.Execution.Wait(thread, Of(thread, self), cancellationToken, millisecondsTimeout, site);
    }

    public static WaitHandle get_WaitHandle(CountdownEvent self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CountdownEvent.WaitHandle");
            return self.WaitHandle;
        }

        Countdown model = Of(thread, self);
        if (model.Handle is null)
        {
            model.Handle = new ManualResetEvent(false);
            model.Face = new ReadOnlyFace(thread.Execution, "handle of " + model.Name, () => model.Count == 0);
            thread.Execution.Register(model.Handle, model.Face);
        }

        return model.Handle;
    }

    public static void Dispose(CountdownEvent self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            Countdown model = Model(thread, self);
            thread.Execution.Signal(thread, model, site);
            model.Disposed = true;
        }
        else
        {
            self.Dispose();
        }
    }

    // Null off control.
    private static Countdown? Observed(CountdownEvent self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "reading a CountdownEvent");
            return null;
        }

        Countdown model = Model(thread, self);
        thread.Execution.Observe(thread, model, site);
        return model;
    }

    private static Countdown Of(ControlledThread thread, CountdownEvent self)
    {
        Countdown model = Model(thread, self);
        ObjectDisposedException.ThrowIf(model.Disposed && !thread.Execution.Aborting, self);
        return model;
    }

    private static Countdown Model(ControlledThread thread, CountdownEvent self) => thread.Execution.Model(self, static (execution, obj) =>
    {
        var real = (CountdownEvent)obj;
        return new Countdown(execution) { Initial = real.InitialCount, Count = real.CurrentCount };
    });

    private sealed class Countdown(Execution execution) : Waitable(execution, "countdown")
    {
        internal int Initial { get; set; }

        internal int Count { get; set; }

        internal bool Disposed { get; set; }

        internal ManualResetEvent? Handle { get; set; }

        internal override bool CanTake(ControlledThread thread) => Count == 0;
    }
}
