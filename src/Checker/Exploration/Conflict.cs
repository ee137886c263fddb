using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Which operations race: the order of two that do not cannot matter.</summary>
internal static class Conflict
{
    /// <summary>Whether the two, of different threads, are about the same location or object and at least one of them changes it.</summary>
    internal static bool Between(in PendingOperation a, in PendingOperation b) =>
        a.Address != 0 && a.Address == b.Address && Family(a.Kind) == Family(b.Kind) && (Changes(a.Kind) || Changes(b.Kind));

    /// <summary>Whether the operation changes what it is about; a lock is changed by every operation on it.</summary>
    internal static bool Changes(OperationKind kind) => kind is not (OperationKind.VolatileRead
        or OperationKind.PlainRead or OperationKind.ThreadJoin or OperationKind.Observe);

    /// <summary>Whether the operation is about a location, lock or other object that threads share.</summary>
    internal static bool IsShared(in PendingOperation op) => op.Address != 0 && Family(op.Kind) != 2;

    // Addresses of memory, numbers of locks and numbers of threads are different name spaces; other synchronization objects have low numbers, which
    // are no addresses.
    private static int Family(OperationKind kind) => kind switch
    {
        OperationKind.LockAcquire or OperationKind.LockRelease or OperationKind.LockTry or OperationKind.MonitorWait or OperationKind.MonitorPulse => 1,
        OperationKind.ThreadJoin or OperationKind.ThreadStart or OperationKind.ThreadBegin => 2,
        OperationKind.Interrupt => 3,
        _ => 0,
    };
}
