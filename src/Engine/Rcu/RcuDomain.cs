namespace Verify.Engine.Rcu;

/// <summary>Read-copy-update: sections that cost a reader two stores, grace periods that wait for them, and deferred callbacks.</summary>
/// <remarks>
/// After QEMU util/rcu.c at 1721fe75, itself after Desnoyers et al., "User-Level Implementations of Read-Copy Update", IEEE TPDS 2012.
/// Guarantee: when <see cref="Synchronize"/> returns, every section that could have loaded what the caller unpublished before has ended.
/// Not guaranteed: progress of the writer while a reader stays inside; a drain asks it to leave, and asking is all.
/// Deviations: readers are objects, not thread statics; the reclaimer does not nap to gather a batch (no wall clock), it takes whatever has been
/// counted. A domain is made with its reclaimer thread and ended by <see cref="Dispose"/>, which runs what is still queued.
/// </remarks>
public sealed class RcuDomain<TVariant> : IDisposable
    where TVariant : struct, IRcuVariant
{
    private readonly RcuRegistry _registry = new();
    private readonly object _syncLock = new();  // one grace period at a time; outside the registry lock
    private readonly RcuReclaimer<TVariant> _reclaimer;
    private long _gracePeriods;                 // written under _syncLock

    /// <param name="callbackLock">The big lock callbacks run under, if any.</param>
    /// <param name="firstPhase">The phase to start in, odd; the two-phase variant needs 1 or 3.</param>
    public RcuDomain(object? callbackLock = null, long firstPhase = 1)
    {
        if ((firstPhase & 1) == 0)
            throw new ArgumentException("Phases are odd, so that none is 0; pass 1.", nameof(firstPhase));
        _registry.Phase = firstPhase;
        _reclaimer = new RcuReclaimer<TVariant>(this, callbackLock);
    }

    /// <summary>Grace periods completed by waiting; a call with no reader registered is not one.</summary>
    public long GracePeriods => Volatile.Read(ref _gracePeriods);

    /// <summary>Registers the calling thread as a reader. May be called while a writer waits.</summary>
    /// <param name="onForced">Kicks the owner out of its section; runs on a draining writer's thread, under the registry lock.</param>
    public RcuReader<TVariant> Register(Action? onForced = null) => Add(new RcuReader<TVariant>(_registry, onForced));

    /// <summary>A reader that belongs to no thread: threads use it one at a time, under a lock they must not hold while awaiting a grace period.</summary>
    public RcuReader<TVariant> RegisterShared() => Add(new RcuReader<TVariant>(_registry, null, isShared: true));

    private RcuReader<TVariant> Add(RcuReader<TVariant> reader)
    {
        lock (_registry.Gate)
            _registry.Add(reader);
        return reader;
    }

    /// <summary>Unregisters a reader that is outside. May be called while a writer waits.</summary>
    public void Unregister(RcuReader<TVariant> reader)
    {
        if (reader.Phase != 0)
            throw new RcuMisuseException("A reader was unregistered inside its section: leave the section first.");
        lock (_registry.Gate)
            _registry.Remove(reader);
    }

    /// <summary>Returns after every section that had begun before the call has ended.</summary>
    /// <exception cref="RcuMisuseException">The calling thread is inside a section, for which it would wait for ever.</exception>
    public void Synchronize()
    {
        lock (default(TVariant).GracePeriodLock(_syncLock))
        {
            // F3: orders the caller's unpublishing store before the loads of the readers' phases. Pairs with FenceAfterEnter.
            default(TVariant).FenceBeforeScan();
            lock (_registry.Gate)
            {
                AssertOutside();
                if (_registry.IsEmpty)
                    return;
                for (int i = 0; i < default(TVariant).PhasesPerGracePeriod; i++)
                {
                    _registry.Phase = default(TVariant).NextPhase(_registry.Phase);
                    default(TVariant).AwaitReaders(_registry);
                }
                Volatile.Write(ref _gracePeriods, _gracePeriods + 1);
            }
        }
    }

    /// <summary>As <see cref="Synchronize"/>; long readers are asked to leave, as by <see cref="Drain"/>.</summary>
    public void SynchronizeAndForce()
    {
        _registry.BeginDrain();
        try
        {
            Synchronize();
        }
        finally
        {
            _registry.EndDrain();
        }
    }

    /// <summary>Whether a reader the calling thread registered is inside a section, so that it must not await a grace period.</summary>
    public bool IsCallerInside
    {
        get
        {
            lock (_registry.Gate)
                return _registry.IsInside(Environment.CurrentManagedThreadId);
        }
    }

    /// <summary>Runs <paramref name="callback"/> on the reclaimer after a grace period; never blocks, may be called inside a section.</summary>
    public void CallRcu(RcuCallback callback) => _reclaimer.Enqueue(callback);

    /// <inheritdoc cref="CallRcu(RcuCallback)"/>
    public void CallRcu(Action callback) => CallRcu(new RcuAction(callback));

    /// <summary>Returns after every callback this thread queued has run. Long readers are asked to leave.</summary>
    /// <param name="heldLock">A lock the caller holds, once, and callbacks or readers need in order to finish: released meanwhile.</param>
    public void Drain(object? heldLock = null)
    {
        lock (_registry.Gate)
            AssertOutside();
        RcuEvent done = new(false);
        if (heldLock is not null)
            Monitor.Exit(heldLock);
        _registry.BeginDrain();
        try
        {
            CallRcu(done.Set);
            while (!done.IsSet)
                done.Wait();
        }
        finally
        {
            _registry.EndDrain();
            if (heldLock is not null)
                Monitor.Enter(heldLock);
        }
        _reclaimer.ThrowIfFaulted();
    }

    /// <summary>Runs the callbacks still queued and ends the reclaimer. Call outside any section; readers inside delay it.</summary>
    public void Dispose()
    {
        _reclaimer.Stop();
        _reclaimer.ThrowIfFaulted();
    }

    // under the registry lock
    private void AssertOutside()
    {
        if (_registry.IsInside(Environment.CurrentManagedThreadId))
            throw new RcuMisuseException(
                "A grace period was awaited inside a read section of the same thread: leave the section first, or use CallRcu.");
    }
}
