namespace Verify.Engine.Execution;

/// <summary>The big lock (QEMU's BQL): devices, hot-plug and a vCPU's ordinary work items run under it.</summary>
/// <remarks>
/// Order: before every other lock of the engine but that of changes of RAM, for which its holder gives it up (IRamSteps.ChangeRam). Never held while
/// entering an exclusive section or inside generated code (TB23); who waits for work on another vCPU lets go of it meanwhile. Not re-entrant.
/// The holder is kept here and not asked of <see cref="Monitor.IsEntered"/>, which not every tool that runs this engine models (docs/coyote.md).
/// </remarks>
public sealed class BigLock
{
    private readonly object _lock = new();
    private Thread? _holder; // written under _lock; another thread that reads it sees anything but itself

    /// <summary>The calling thread holds it.</summary>
    public bool IsHeld => Volatile.Read(ref _holder) == Thread.CurrentThread;

    /// <exception cref="InvalidOperationException">The calling thread holds it already.</exception>
    public void Enter()
    {
        if (IsHeld)
        {
            throw new InvalidOperationException("the big lock is held by this thread already; it is not re-entrant");
        }

        Monitor.Enter(_lock);
        Volatile.Write(ref _holder, Thread.CurrentThread);
    }

    /// <exception cref="SynchronizationLockException">The calling thread does not hold it.</exception>
    public void Exit()
    {
        if (!IsHeld)
        {
            throw new SynchronizationLockException("the big lock is not held by this thread");
        }

        Volatile.Write(ref _holder, null);
        Monitor.Exit(_lock);
    }
}
