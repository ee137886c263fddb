using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration.PartialOrder;

/// <summary>Which operations of different threads do not commute.</summary>
internal static class Dependence
{
    /// <summary>How an operation takes part in the partial order.</summary>
    internal enum Role
    {
        /// <summary>It commutes with everything.</summary>
        Free,

        /// <summary>It reads a location or an object.</summary>
        Read,

        /// <summary>It changes a location or an object.</summary>
        Write,

        /// <summary>It takes a lock that is free.</summary>
        Acquire,

        /// <summary>It leaves a lock; nobody can take the lock before.</summary>
        Release,

        /// <summary>Its effect is not confined to one object.</summary>
        Global,
    }

    internal static Role Of(in PendingOperation op) => op.Kind switch
    {
        // The order of starts, first steps and joins is given by the program; yields and allocations do nothing others see.
        OperationKind.ThreadBegin or OperationKind.ThreadStart or OperationKind.ThreadJoin or OperationKind.Yield or OperationKind.NativeAlloc => Role.Free,
        OperationKind.VolatileRead or OperationKind.PlainRead or OperationKind.Observe => Role.Read,
        OperationKind.VolatileWrite or OperationKind.PlainWrite or OperationKind.Interlocked or OperationKind.Signal or OperationKind.WaitAcquire
            or OperationKind.WaitTry or OperationKind.LockTry or OperationKind.MonitorWait or OperationKind.MonitorPulse => Role.Write,
        OperationKind.LockAcquire => Role.Acquire,
        OperationKind.LockRelease => Role.Release,
        OperationKind.Fence => Role.Free, // under sequential consistency
        _ => Role.Global,
    };

    /// <summary>The object it is about. Numbers of locks and addresses of memory are different name spaces.</summary>
    internal static (bool Lock, nuint Address) ObjectOf(in PendingOperation op) => (
        op.Kind is OperationKind.LockAcquire or OperationKind.LockRelease or OperationKind.LockTry or OperationKind.MonitorWait or OperationKind.MonitorPulse,
        op.Address);

    internal static bool Between(in PendingOperation a, in PendingOperation b)
    {
        Role first = Of(a), second = Of(b);
        return first != Role.Free && second != Role.Free
            && (first == Role.Global || second == Role.Global
                || (ObjectOf(a) == ObjectOf(b) && (first != Role.Read || second != Role.Read)));
    }
}
