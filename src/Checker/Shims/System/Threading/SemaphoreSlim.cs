using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="SemaphoreSlim"/>. As in .NET a released count goes to whoever takes it first.</summary>
[ShimFor(typeof(SemaphoreSlim))]
public static class SemaphoreSlimShim
{
    public static SemaphoreSlim Create(int initialCount, int site) => new(initialCount);

    public static SemaphoreSlim Create(int initialCount, int maxCount, int site) => new(initialCount, maxCount);

    public static void Wait(SemaphoreSlim self, int site) => Wait(self, Timeout.Infinite, CancellationToken.None, site);

    public static void Wait(SemaphoreSlim self, CancellationToken cancellationToken, int site) => Wait(self, Timeout.Infinite, cancellationToken, site);

    public static bool Wait(SemaphoreSlim self, TimeSpan timeout, int site) => Wait(self, Timeouts.Milliseconds(timeout), CancellationToken.None, site);

    public static bool Wait(SemaphoreSlim self, TimeSpan timeout, CancellationToken cancellationToken, int site) =>
        Wait(self, Timeouts.Milliseconds(timeout), cancellationToken, site);

    public static bool Wait(SemaphoreSlim self, int millisecondsTimeout, int site) => Wait(self, millisecondsTimeout, CancellationToken.None, site);

    public static bool Wait(SemaphoreSlim self, int millisecondsTimeout, CancellationToken cancellationToken, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "SemaphoreSlim.Wait");
            return self.Wait(millisecondsTimeout, cancellationToken);
        }

        SlimSemaphore model = Of(thread, self);
        int timeout = millisecondsTimeout < Timeout.Infinite ? 0 : millisecondsTimeout; // as measured: other negative numbers are not refused
        return thread.Execution.Wait(thread, model, cancellationToken, timeout, site);
    }

    public static int Release(SemaphoreSlim self, int site) => Release(self, 1, site);

    public static int Release(SemaphoreSlim self, int releaseCount, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "SemaphoreSlim.Release");
            return self.Release(releaseCount);
        }

        SlimSemaphore model = Of(thread, self);
        ArgumentOutOfRangeException.ThrowIfLessThan(releaseCount, 1);
        if (!thread.Execution.Signal(thread, model, site))
        {
            return model.Count;
        }

        int before = model.Count;
        if (model.Max - before < releaseCount)
        {
            throw new SemaphoreFullException();
        }

        model.Count = before + releaseCount;
        model.Changed(thread.Execution);
        return before;
    }

    public static int get_CurrentCount(SemaphoreSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "SemaphoreSlim.CurrentCount");
            return self.CurrentCount;
        }

        SlimSemaphore model = Of(thread, self, disposedToo: true);
        thread.Execution.Observe(thread, model, site);
        return model.Count;
    }

    public static WaitHandle get_AvailableWaitHandle(SemaphoreSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "SemaphoreSlim.AvailableWaitHandle");
            return self.AvailableWaitHandle;
        }

        SlimSemaphore model = Of(thread, self);
        if (model.Handle is null)
        {
            model.Handle = new ManualResetEvent(false);
            model.Face = new ReadOnlyFace(thread.Execution, "available handle", () => model.Count > 0);
            thread.Execution.Register(model.Handle, model.Face);
        }

        return model.Handle;
    }

    public static void Dispose(SemaphoreSlim self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            SlimSemaphore model = Of(thread, self, disposedToo: true);
            thread.Execution.Signal(thread, model, site);
            model.Disposed = true;
        }
        else
        {
            self.Dispose();
        }
    }

    private static SlimSemaphore Of(ControlledThread thread, SemaphoreSlim self, bool disposedToo = false)
    {
        SlimSemaphore model = thread.Execution.Model(self, static (execution, obj) =>
        {
            var real = (SemaphoreSlim)obj;
            return new SlimSemaphore(execution) { Count = real.CurrentCount, Max = MaxOf(real), Disposed = Gate(real).Value };
        });
        ObjectDisposedException.ThrowIf(model.Disposed && !disposedToo && !thread.Execution.Aborting, self);
        return model;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_maxCount")]
    private static extern ref readonly int MaxOf(SemaphoreSlim semaphore);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_lockObjAndDisposed")]
    private static extern ref StrongBox<bool> Gate(SemaphoreSlim semaphore);

    private sealed class SlimSemaphore(Execution execution) : Waitable(execution, "semaphore")
    {
        internal int Count { get; set; }

        internal int Max { get; init; }

        internal bool Disposed { get; set; }

        internal ManualResetEvent? Handle { get; set; }

        internal override bool CanTake(ControlledThread thread) => Count > 0;

        internal override void Take(ControlledThread thread) => Count--;
    }
}
