namespace Verify.Engine.Rcu;

/// <summary>A manual-reset event whose reset, check, wait pattern loses no wake-up.</summary>
/// <remarks>
/// QEMU's QemuEvent (util/event.c) with its three values. Many threads may set; one thread resets and waits, always as
/// <c>Reset(); if (condition) ...; else Wait();</c>. Wait may return early, so the caller re-checks its condition.
/// Deviation: QEMU blocks in a futex, this one on a Monitor that is touched only when somebody waits.
/// </remarks>
public sealed class RcuEvent
{
    // Chosen so that "or Free" turns Set into Free and leaves Free and Busy as they are.
    private const int Set_ = 0, Free = 1, Busy = -1;

    private readonly object _gate = new();
    private int _value;  // Interlocked or Volatile; Busy means that somebody sleeps or is about to on _gate

    /// <summary>An event that is set.</summary>
    public RcuEvent()
        : this(true)
    {
    }

    public RcuEvent(bool isSet) => _value = isSet ? Set_ : Free;

    public bool IsSet => Volatile.Read(ref _value) == Set_;

    /// <summary>Sets the event and wakes whoever waits.</summary>
    public void Set()
    {
        // Orders the caller's condition before the load of the value. Pairs with the Interlocked.Or in Reset: either we see the
        // reset, or the resetting thread sees the condition.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _value) == Set_)
            return;
        if (Interlocked.Exchange(ref _value, Set_) != Busy)
            return;
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    /// <summary>Unsets the event. What the caller checks afterwards was not yet announced by the sets it forgets.</summary>
    public void Reset()
    {
        // A full fence on every .NET platform, also when the value does not change. Pairs with the barrier in Set.
        Interlocked.Or(ref _value, Free);
    }

    /// <summary>Returns once the event is or was set.</summary>
    public void Wait()
    {
        int value = Volatile.Read(ref _value);
        if (value == Set_)
            return;
        if (value == Free && Interlocked.CompareExchange(ref _value, Busy, Free) == Set_)
            return;
        lock (_gate)
        {
            while (Volatile.Read(ref _value) == Busy)
                Monitor.Wait(_gate);
        }
    }
}
