namespace Verify.Checker.MemoryModels;

/// <content>Fences, locks and other blocking primitives, threads, static constructors. Blocking itself is the scheduler's.</content>
public sealed partial class WeakMemory<TStore>
{
    /// <summary>A barrier. It orders the thread's own accesses and never refreshes the thread: with nothing before it, it does nothing.</summary>
    public void Fence(int thread, FenceKind kind)
    {
        if (_ordered)
        {
            ref ThreadView view = ref ViewOf(thread);
            switch (kind)
            {
                case FenceKind.Full:
                    FullFence(ref view);
                    break;
                case FenceKind.Read:
                    view.ReadView = Math.Max(view.ReadView, view.LastRead);
                    break;
                case FenceKind.Write:
                    view.WriteView = Math.Max(view.WriteView, Math.Max(view.LastWrite, view.LastRead));
                    break;
                case FenceKind.ProcessWide:
                    FenceEveryThread();
                    break;
            }
        }

        _observer?.OnFence(thread, kind);
    }

    /// <summary>The thread entered lock <paramref name="sync"/>, or was woken by that primitive: an acquire.</summary>
    /// <remarks>A primitive is modelled either here or through its own instrumented Interlocked and Volatile accesses, never both.</remarks>
    public void Acquire(int thread, int sync)
    {
        if (_ordered)
        {
            ref ThreadView view = ref ViewOf(thread);
            long time = SyncOf(sync);
            view.ReadView = Math.Max(view.ReadView, time);
            view.LastRead = Math.Max(view.LastRead, time);
            if (_options.LockFence == LockFence.Full)
                FullFence(ref view);
        }

        _observer?.OnAcquire(thread, sync);
    }

    /// <summary>The thread left lock <paramref name="sync"/>, or signalled that primitive: a release.</summary>
    public void Release(int thread, int sync)
    {
        if (_ordered)
        {
            ref ThreadView view = ref ViewOf(thread);
            ref long time = ref SyncOf(sync);
            time = Math.Max(time, view.All);
            if (_options.LockFence == LockFence.Full)
                FullFence(ref view);
        }

        _observer?.OnRelease(thread, sync);
    }

    /// <summary>Thread or task <paramref name="child"/> begins with everything its creator did.</summary>
    public void StartThread(int parent, int child)
    {
        long time = ViewOf(parent).All;
        ref ThreadView view = ref ViewOf(child);
        view = new ThreadView { ReadView = time, WriteView = time, LastRead = time };
        _observer?.OnStart(parent, child);
    }

    /// <summary>The thread saw <paramref name="child"/> end: a join, an awaited completion.</summary>
    public void JoinThread(int thread, int child)
    {
        long time = ViewOf(child).All;
        ref ThreadView view = ref ViewOf(thread);
        view.ReadView = Math.Max(view.ReadView, time);
        view.WriteView = Math.Max(view.WriteView, time);
        view.LastRead = Math.Max(view.LastRead, time);
        _observer?.OnJoin(thread, child);
    }

    /// <summary>A type's static constructor ended normally on the thread: every thread sees its effects from here on.</summary>
    public void StaticConstructorEnded(int thread)
    {
        long time = ViewOf(thread).All;
        for (int other = 0; other < _threads; other++)
        {
            ref ThreadView view = ref _views[other];
            view.ReadView = Math.Max(view.ReadView, time);
            view.LastRead = Math.Max(view.LastRead, time);
        }

        _newcomer.ReadView = Math.Max(_newcomer.ReadView, time);
        _newcomer.LastRead = Math.Max(_newcomer.LastRead, time);
        _observer?.OnStaticConstructor(thread);
    }

    private static void FullFence(ref ThreadView view) => view.ReadView = view.WriteView = view.All;

    // Threads that ended count too: leaving the processor drained their stores. The views of the others are raised for writing as well as
    // for reading, or a store still pending elsewhere would escape the barrier.
    private void FenceEveryThread()
    {
        long time = 0;
        for (int thread = 0; thread < _threads; thread++)
            time = Math.Max(time, _views[thread].All);
        for (int thread = 0; thread < _threads; thread++)
            _views[thread].ReadView = _views[thread].WriteView = time;
        _newcomer.ReadView = _newcomer.WriteView = Math.Max(_newcomer.ReadView, time);
        _now = Math.Max(_now, time);
    }
}
