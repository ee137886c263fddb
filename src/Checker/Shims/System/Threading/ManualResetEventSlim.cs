using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="ManualResetEventSlim"/>. As in .NET a waiter looks at the flag again when it wakes, so Set and Reset in a row can pass it by.</summary>
[ShimFor(typeof(ManualResetEventSlim))]
[PassThrough("get_SpinCount")]
public static class ManualResetEventSlimShim
{
    public static ManualResetEventSlim Create(int site) => new();

    public static ManualResetEventSlim Create(bool initialState, int site) => new(initialState);

    public static ManualResetEventSlim Create(bool initialState, int spinCount, int site) => new(initialState, spinCount);

    public static void Set(ManualResetEventSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "ManualResetEventSlim.Set");
            self.Set();
            return;
        }

        SlimEvent model = Of(thread, self, disposedToo: true); // .NET lets a disposed one be set
        if (thread.Execution.Signal(thread, model, site))
        {
            model.IsSet = true;
            model.Changed(thread.Execution);
        }
    }

    public static void Reset(ManualResetEventSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "ManualResetEventSlim.Reset");
            self.Reset();
            return;
        }

        SlimEvent model = Of(thread, self);
        if (thread.Execution.Signal(thread, model, site))
        {
            model.IsSet = false;
            model.Changed(thread.Execution);
        }
    }

    public static bool get_IsSet(ManualResetEventSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "ManualResetEventSlim.IsSet");
            return self.IsSet;
        }

        SlimEvent model = Of(thread, self, disposedToo: true);
        thread.Execution.Observe(thread, model, site);
        return model.IsSet;
    }

    public static void Wait(ManualResetEventSlim self, int site) => Wait(self, Timeout.Infinite, CancellationToken.None, site);

    public static void Wait(ManualResetEventSlim self, CancellationToken cancellationToken, int site) =>
        Wait(self, Timeout.Infinite, cancellationToken, site);

    public static bool Wait(ManualResetEventSlim self, TimeSpan timeout, int site) =>
        Wait(self, Timeouts.Milliseconds(timeout), CancellationToken.None, site);

    public static bool Wait(ManualResetEventSlim self, TimeSpan timeout, CancellationToken cancellationToken, int site) =>
        Wait(self, Timeouts.Milliseconds(timeout), cancellationToken, site);

    public static bool Wait(ManualResetEventSlim self, int millisecondsTimeout, int site) =>
        Wait(self, millisecondsTimeout, CancellationToken.None, site);

    public static bool Wait(ManualResetEventSlim self, int millisecondsTimeout, CancellationToken cancellationToken, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "ManualResetEventSlim.Wait");
            return self.Wait(millisecondsTimeout, cancellationToken);
        }

        SlimEvent model = Of(thread, self);
        Timeouts.Check(millisecondsTimeout);
        return thread.Execution.Wait(thread, model, cancellationToken, millisecondsTimeout, site);
    }

    public static WaitHandle get_WaitHandle(ManualResetEventSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "ManualResetEventSlim.WaitHandle");
            return self.WaitHandle;
        }

        SlimEvent model = Of(thread, self);
        if (model.Handle is null)
        {
            model.Handle = new ManualResetEvent(false);
            model.Face = new ReadOnlyFace(thread.Execution, "handle of " + model.Name, () => model.IsSet);
            thread.Execution.Register(model.Handle, model.Face);
        }

        return model.Handle;
    }

    public static void Dispose(ManualResetEventSlim self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            SlimEvent model = Of(thread, self, disposedToo: true);
            thread.Execution.Signal(thread, model, site);
            model.Disposed = true;
        }
        else
        {
            self.Dispose();
        }
    }

    private static SlimEvent Of(ControlledThread thread, ManualResetEventSlim self, bool disposedToo = false)
    {
        SlimEvent model = thread.Execution.Model(
            self, static (execution, obj) => new SlimEvent(execution) { IsSet = ((ManualResetEventSlim)obj).IsSet });
        ObjectDisposedException.ThrowIf(model.Disposed && !disposedToo && !thread.Execution.Aborting, self);
        return model;
    }

    private sealed class SlimEvent(Execution execution) : Waitable(execution, "event")
    {
        internal bool IsSet { get; set; }

        internal bool Disposed { get; set; }

        internal ManualResetEvent? Handle { get; set; }

        internal override bool CanTake(ControlledThread thread) => IsSet;
    }
}
