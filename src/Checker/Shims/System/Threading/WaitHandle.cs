using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="WaitHandle"/>: waits on one, any and all handles.</summary>
/// <remarks>The operating system's handle itself is out of reach: another process or native code could change it.</remarks>
[ShimFor(typeof(WaitHandle))]
public static class WaitHandleShim
{
    public static bool WaitOne(WaitHandle self, int site) => WaitOne(self, Timeout.Infinite, site);

    public static bool WaitOne(WaitHandle self, TimeSpan timeout, int site) => WaitOne(self, Timeouts.Milliseconds(timeout), site);

    public static bool WaitOne(WaitHandle self, TimeSpan timeout, bool exitContext, int site) => WaitOne(self, Timeouts.Milliseconds(timeout), site);

    public static bool WaitOne(WaitHandle self, int millisecondsTimeout, bool exitContext, int site) => WaitOne(self, millisecondsTimeout, site);

    public static bool WaitOne(WaitHandle self, int millisecondsTimeout, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "WaitHandle.WaitOne");
            return self.WaitOne(millisecondsTimeout);
        }

        Timeouts.Check(millisecondsTimeout);
        Waitable model = HandleModels.Open(thread, self);
        Execution.ThrowIfInterrupted(thread);
        bool taken = thread.Execution.Wait(thread, model, null, millisecondsTimeout, site) == WaitOutcome.Taken;
        if (taken && model is MutexModel mutex)
        {
            mutex.ThrowIfAbandoned(thread, -1, null);
        }

        return taken;
    }

    public static int WaitAny(WaitHandle[] waitHandles, int site) => WaitAny(waitHandles, Timeout.Infinite, site);

    public static int WaitAny(WaitHandle[] waitHandles, TimeSpan timeout, int site) => WaitAny(waitHandles, Timeouts.Milliseconds(timeout), site);

    public static int WaitAny(WaitHandle[] waitHandles, TimeSpan timeout, bool exitContext, int site) =>
        WaitAny(waitHandles, Timeouts.Milliseconds(timeout), site);

    public static int WaitAny(WaitHandle[] waitHandles, int millisecondsTimeout, bool exitContext, int site) =>
        WaitAny(waitHandles, millisecondsTimeout, site);

    public static int WaitAny(WaitHandle[] waitHandles, int millisecondsTimeout, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            CheckUseFromOutside(waitHandles, "WaitHandle.WaitAny");
            return WaitHandle.WaitAny(waitHandles, millisecondsTimeout);
        }

        var any = new AnyOf(thread.Execution, HandleModels.Open(thread, waitHandles));
        Timeouts.Check(millisecondsTimeout);
        Execution.ThrowIfInterrupted(thread);
        if (thread.Execution.Wait(thread, any, null, millisecondsTimeout, site) != WaitOutcome.Taken)
        {
            return WaitHandle.WaitTimeout;
        }

        int index = Math.Max(any.Taken, 0);
        (any.Parts[index] as MutexModel)?.ThrowIfAbandoned(thread, index, waitHandles[index] as Mutex);
        return index;
    }

    public static bool WaitAll(WaitHandle[] waitHandles, int site) => WaitAll(waitHandles, Timeout.Infinite, site);

    public static bool WaitAll(WaitHandle[] waitHandles, TimeSpan timeout, int site) => WaitAll(waitHandles, Timeouts.Milliseconds(timeout), site);

    public static bool WaitAll(WaitHandle[] waitHandles, TimeSpan timeout, bool exitContext, int site) =>
        WaitAll(waitHandles, Timeouts.Milliseconds(timeout), site);

    public static bool WaitAll(WaitHandle[] waitHandles, int millisecondsTimeout, bool exitContext, int site) =>
        WaitAll(waitHandles, millisecondsTimeout, site);

    public static bool WaitAll(WaitHandle[] waitHandles, int millisecondsTimeout, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            CheckUseFromOutside(waitHandles, "WaitHandle.WaitAll");
            return WaitHandle.WaitAll(waitHandles, millisecondsTimeout);
        }

        var all = new AllOf(thread.Execution, HandleModels.Open(thread, waitHandles));
        if (all.Parts.Distinct().Count() < all.Parts.Length)
        {
            throw new DuplicateWaitObjectException(nameof(waitHandles));
        }

        Timeouts.Check(millisecondsTimeout);
        Execution.ThrowIfInterrupted(thread);
        if (thread.Execution.Wait(thread, all, null, millisecondsTimeout, site) != WaitOutcome.Taken)
        {
            return false;
        }

        foreach (MutexModel mutex in all.Parts.OfType<MutexModel>())
        {
            mutex.ThrowIfAbandoned(thread, -1, null);
        }

        return true;
    }

    public static bool SignalAndWait(WaitHandle toSignal, WaitHandle toWaitOn, int site) =>
        SignalAndWait(toSignal, toWaitOn, Timeout.Infinite, exitContext: false, site);

    public static bool SignalAndWait(WaitHandle toSignal, WaitHandle toWaitOn, TimeSpan timeout, bool exitContext, int site) =>
        SignalAndWait(toSignal, toWaitOn, Timeouts.Milliseconds(timeout), exitContext, site);

    // Not atomic: .NET promises no more, and on Unix it is a signal followed by a wait.
    public static bool SignalAndWait(WaitHandle toSignal, WaitHandle toWaitOn, int millisecondsTimeout, bool exitContext, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(toSignal, "WaitHandle.SignalAndWait");
            Execution.CheckUseFromOutside(toWaitOn, "WaitHandle.SignalAndWait");
            return WaitHandle.SignalAndWait(toSignal, toWaitOn, millisecondsTimeout, exitContext);
        }

        ArgumentNullException.ThrowIfNull(toSignal);
        ArgumentNullException.ThrowIfNull(toWaitOn);
        Timeouts.Check(millisecondsTimeout);
        HandleModels.Open(thread, toWaitOn); // throws before anything is signalled
        switch (HandleModels.Open(thread, toSignal))
        {
            case EventModel:
                EventWaitHandleShim.Set((EventWaitHandle)toSignal, site);
                break;
            case SemaphoreModel:
                try
                {
                    SemaphoreShim.Release((Semaphore)toSignal, site);
                }
                catch (SemaphoreFullException e)
                {
                    throw new InvalidOperationException(e.Message); // as measured: this member says it so
                }

                break;
            case MutexModel:
                MutexShim.ReleaseMutex((Mutex)toSignal, site);
                break;
            default:
                throw new UncontrolledCallException("WaitHandle.SignalAndWait on the handle of a slim object is not modelled");
        }

        return WaitOne(toWaitOn, millisecondsTimeout, site);
    }

    public static void Close(WaitHandle self, int site) => Dispose(self, site);

    public static void Dispose(WaitHandle self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            HandleModels.Close(thread, self, site);
        }
        else
        {
            self.Dispose();
        }
    }

    private static void CheckUseFromOutside(WaitHandle[] handles, string operation)
    {
        foreach (WaitHandle handle in handles ?? [])
        {
            Execution.CheckUseFromOutside(handle, operation);
        }
    }
}
