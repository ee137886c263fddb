namespace Verify.Engine.Rcu;

/// <summary>Everything in which two RCU implementations may differ; a struct, so that the JIT specialises the read side.</summary>
/// <remarks>
/// After QEMU util/rcu.c and include/qemu/rcu.h at 1721fe75. The default bodies are QEMU's order of steps; a variant states its four fences and
/// its counter. Variants with a hot read side implement <see cref="IsOutermost"/> too: a default body called on a struct may box it.
/// The two store-buffering pairs, both invisible under sequential consistency and visible under TSO:
/// F1 with F3 (reader: phase, then pointer; writer: pointer, then phase), else a section is missed and its data freed;
/// F2 with F4 (reader: phase = 0, then waiting; writer: waiting, then phase), else the writer sleeps for ever.
/// </remarks>
public interface IRcuVariant
{
    /// <summary>F1: between the store of the reader's phase and the first protected load. Pairs with <see cref="FenceBeforeScan"/>.</summary>
    void FenceAfterEnter();

    /// <summary>F2: between the store of phase 0 and the load of the waiting mark. Pairs with <see cref="FenceAfterMarking"/>.</summary>
    void FenceAfterLeave();

    /// <summary>F3: between the caller's unpublishing store and the loads of the readers' phases. Pairs with <see cref="FenceAfterEnter"/>.</summary>
    void FenceBeforeScan();

    /// <summary>F4: between marking the readers and loading their phases; on the last round it also keeps the caller's frees behind the wait.
    /// Pairs with <see cref="FenceAfterLeave"/>.</summary>
    void FenceAfterMarking();

    /// <summary>How many times a grace period changes the phase and waits: 1 if phases never repeat, else 2.</summary>
    int PhasesPerGracePeriod { get; }

    /// <summary>The phase after <paramref name="current"/>. Bit 0 is always 1, so that no phase is 0, which means "outside".</summary>
    long NextPhase(long current);

    /// <summary>Whether a section entered below <paramref name="enclosing"/> others is the one writers see.</summary>
    bool IsOutermost(int enclosing) => enclosing == 0;

    /// <summary>Whether a drain asks long readers to leave.</summary>
    bool ForcesReaders => true;

    /// <summary>The lock a grace period holds from its first scan to its last: one for all of the domain.</summary>
    /// <remarks>
    /// The registry lock is free while a writer sleeps, and quiescent readers then stand aside. Another writer would not scan those, and would take a
    /// registry all of whose readers stand aside for an empty one.
    /// </remarks>
    /// <param name="syncLock">The domain's.</param>
    object GracePeriodLock(object syncLock) => syncLock;

    /// <summary>Waits, under the registry lock, until every section that began before the current phase has ended.</summary>
    void AwaitReaders(RcuRegistry registry)
    {
        while (true)
        {
            registry.ResetEvent();              // Before the scan: a reader that leaves after it was scanned must find the event unset.
            registry.MarkReadersWaited();
            FenceAfterMarking();
            if (!registry.MoveQuiescentAside(ForcesReaders))
                break;
            registry.BlockUntilAReaderLeaves();
        }
        registry.PutReadersBack();
    }

    /// <summary>Hands a callback over: append, then count. The other order lets a callback run after less than a grace period (RC06).</summary>
    void Enqueue(RcuCallbackQueue queue, RcuCallback callback)
    {
        queue.Append(callback);
        queue.CountOne();
    }

    /// <summary>One round of the reclaimer: the count is taken before the grace period, so that exactly those callbacks have waited for all of
    /// it.</summary>
    void ReclaimRound(IRcuReclaimRound round)
    {
        int count = round.TakeCount();
        round.Synchronize();
        round.Invoke(count);
    }
}

/// <summary>The steps a variant's <see cref="IRcuVariant.ReclaimRound"/> puts in order.</summary>
public interface IRcuReclaimRound
{
    /// <summary>Takes the number of callbacks whose hand-over is complete, and sets it to 0.</summary>
    int TakeCount();

    /// <summary>Waits for one grace period.</summary>
    void Synchronize();

    /// <summary>Runs the <paramref name="count"/> oldest callbacks.</summary>
    void Invoke(int count);
}
