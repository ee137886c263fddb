namespace Verify.Engine.Execution;

/// <summary>The big lock (QEMU's BQL): devices, hot-plug and a vCPU's ordinary work items run under it.</summary>
/// <remarks>
/// Order: before every other lock of the engine. Never held while entering an exclusive section or inside generated code (TB23); who waits for work
/// on another vCPU lets go of it meanwhile. Not re-entrant.
/// </remarks>
public sealed class BigLock
{
    private readonly object _lock = new();

    /// <summary>The calling thread holds it.</summary>
    public bool IsHeld => Monitor.IsEntered(_lock);

    /// <exception cref="InvalidOperationException">The calling thread holds it already.</exception>
    public void Enter()
    {
        if (Monitor.IsEntered(_lock))
        {
            throw new InvalidOperationException("the big lock is held by this thread already; it is not re-entrant");
        }

        Monitor.Enter(_lock);
    }

    public void Exit() => Monitor.Exit(_lock);
}
