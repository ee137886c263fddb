using Verify.Engine.Threads;

namespace Verify.Engine.Rcu;

/// <summary>The thread behind call_rcu: takes a count, waits for a grace period, runs so many callbacks.</summary>
/// <remarks>
/// QEMU's call_rcu_thread. Deviations: no naps to gather a batch; not registered as a reader (a callback that wants a section registers one);
/// a callback that throws does not end the process: the first exception is kept and thrown to the next Drain or to Dispose.
/// </remarks>
internal sealed class RcuReclaimer<TVariant> : IRcuReclaimRound
    where TVariant : struct, IRcuVariant
{
    private readonly RcuDomain<TVariant> _domain;
    private readonly RcuCallbackQueue _queue = new();
    private readonly object _callbackLock;
    private readonly Thread _thread;
    private bool _stopping;      // Volatile
    private Exception? _fault;   // Volatile; the first exception of a callback

    public RcuReclaimer(RcuDomain<TVariant> domain, object? callbackLock)
    {
        _domain = domain;
        _callbackLock = callbackLock ?? new object();
        _thread = NamedThread.Create("rcu reclaimer", Run);
        _thread.Start();
    }

    public void Enqueue(RcuCallback callback) => default(TVariant).Enqueue(_queue, callback);

    public void Stop()
    {
        Volatile.Write(ref _stopping, true);
        _queue.Ready.Set();
        _thread.Join();
    }

    public void ThrowIfFaulted()
    {
        Exception? fault = Volatile.Read(ref _fault);
        if (fault is not null)
            throw new InvalidOperationException($"A callback deferred by RCU threw {fault.GetType().Name}: {fault.Message}", fault);
    }

    public int TakeCount() => _queue.TakeCount();

    public void Synchronize() => _domain.Synchronize();

    public void Invoke(int count)
    {
        for (int i = 0; i < count; i++)
        {
            RcuCallback callback = Dequeue();
            try
            {
                lock (_callbackLock)
                    callback.Invoke();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _fault, e, null);
            }
        }
    }

    private void Run()
    {
        while (WaitForCallbacks())
            default(TVariant).ReclaimRound(this);
    }

    // False when stopping and nothing is queued.
    private bool WaitForCallbacks()
    {
        while (_queue.Count == 0)
        {
            // Read before the count is read again: what was queued before Stop is then still run.
            bool stopping = Volatile.Read(ref _stopping);
            _queue.Ready.Reset();
            if (_queue.Count != 0)
                break;
            if (stopping)
                return false;
            if (!Volatile.Read(ref _stopping))
                _queue.Ready.Wait();
        }
        return true;
    }

    // A counted node may stand behind one whose producer has not linked it yet; that producer will set the event.
    private RcuCallback Dequeue()
    {
        while (true)
        {
            if (_queue.TryDequeue() is { } ready)
                return ready;
            _queue.Ready.Reset();
            if (_queue.TryDequeue() is { } linked)
                return linked;
            _queue.Ready.Wait();
        }
    }
}
