namespace Verify.Checker.Runtime;

/// <summary>What a thread is about to do at a scheduling point.</summary>
public enum OperationKind
{
    /// <summary>First step of a new thread.</summary>
    ThreadBegin,

    /// <summary>Starting another thread.</summary>
    ThreadStart,

    /// <summary>Waiting for another thread to end.</summary>
    ThreadJoin,

    /// <summary>Acquire load.</summary>
    VolatileRead,

    /// <summary>Release store.</summary>
    VolatileWrite,

    /// <summary>Atomic read-modify-write.</summary>
    Interlocked,

    /// <summary>Memory fence of any kind.</summary>
    Fence,

    /// <summary>Entering a lock; enabled when the lock is free.</summary>
    LockAcquire,

    /// <summary>Leaving a lock for the last time.</summary>
    LockRelease,

    /// <summary>An attempt to enter a lock that does not wait.</summary>
    LockTry,

    /// <summary>Releasing a lock and joining its wait set.</summary>
    MonitorWait,

    /// <summary>Moving one or all waiters of a lock to its entry set.</summary>
    MonitorPulse,

    /// <summary>Giving way: yield, spin, sleep.</summary>
    Yield,

    /// <summary>Allocation of native memory.</summary>
    NativeAlloc,

    /// <summary>Release of native memory.</summary>
    NativeFree,

    /// <summary>Plain load that the rewriter was asked to control.</summary>
    PlainRead,

    /// <summary>Plain store that the rewriter was asked to control.</summary>
    PlainWrite,

    /// <summary>A choice that is not about threads, such as whether a time-out fires.</summary>
    Choice,

    /// <summary>Taking from a synchronization object, or waiting for it; enabled when it is available.</summary>
    WaitAcquire,

    /// <summary>An attempt to take from a synchronization object that does not wait.</summary>
    WaitTry,

    /// <summary>Changing a synchronization object: release, set, reset, cancel.</summary>
    Signal,

    /// <summary>Reading the state of a synchronization object.</summary>
    Observe,

    /// <summary>Interrupting another thread.</summary>
    Interrupt,

    /// <summary>
    /// A read that returned another write than the newest in effect. Not an event of its own: the answer to a question of the memory machine.
    /// </summary>
    ReadFrom,

    /// <summary>A write that takes effect at another time than now; as <see cref="ReadFrom"/>.</summary>
    Place,
}
