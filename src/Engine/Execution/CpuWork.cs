namespace Verify.Engine.Execution;

/// <summary>Where and when a work item runs.</summary>
public enum CpuWorkKind
{
    /// <summary>On the vCPU's thread, outside generated code, under the big lock (async_run_on_cpu).</summary>
    Async,

    /// <summary>On the vCPU's thread, in an exclusive section, without the big lock (async_safe_run_on_cpu).</summary>
    Safe,

    /// <summary>As <see cref="Async"/>, and somebody waits for it (run_on_cpu).</summary>
    Sync,
}

/// <summary>One item of a vCPU's work queue.</summary>
public sealed class CpuWork(CpuWorkKind kind, Action<VCpu> run)
{
    private volatile bool _done;

    public CpuWorkKind Kind { get; } = kind;

    public Action<VCpu> Run { get; } = run;

    /// <summary>What <see cref="Run"/> threw, for who waits. Written before <see cref="Done"/>.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Set with release once the work has been done.</summary>
    public bool Done
    {
        get => _done;
        set => _done = value;
    }
}

/// <summary>The work queue of one vCPU, first in first out.</summary>
public sealed class CpuWorkQueue
{
    private readonly object _lock = new();
    private readonly Queue<CpuWork> _items = []; // under _lock
    private int _count;                          // volatile; of _items, written under _lock
    private bool _closed;                        // under _lock; the vCPU's thread will look no more

    /// <returns>False if the vCPU's thread has ended.</returns>
    public bool Add(CpuWork work)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _items.Enqueue(work);
                Volatile.Write(ref _count, _items.Count);
            }

            return !_closed;
        }
    }

    /// <returns>Null if there is none. That is found without the lock: who adds work kicks the vCPU afterwards, so it comes again.</returns>
    internal CpuWork? Take()
    {
        if (Volatile.Read(ref _count) == 0) // Pairs with the barrier in VCpu.TakeExitRequest.
        {
            return null;
        }

        lock (_lock)
        {
            CpuWork? work = _items.TryDequeue(out CpuWork? first) ? first : null;
            Volatile.Write(ref _count, _items.Count);
            return work;
        }
    }

    /// <returns>False if there is work left to do first.</returns>
    internal bool TryClose()
    {
        lock (_lock)
        {
            return _closed = _items.Count == 0;
        }
    }
}
