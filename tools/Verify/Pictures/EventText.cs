using Verify.Checker.Runtime;
using Verify.Checker.Tracing;

namespace Verify.Cli.Pictures;

/// <summary>An event in a few words, the same in every picture.</summary>
internal static class EventText
{
    /// <summary>What was done to what, with the value: <c>read Machine._flag = 1</c>.</summary>
    internal static string Of(ExecutionTrace trace, TraceEvent e)
    {
        string on = e.Object >= 0 ? " " + trace.Objects[e.Object].Name : "";
        return e.Kind switch
        {
            OperationKind.ThreadBegin => "begins",
            OperationKind.ThreadStart => "starts " + Thread(trace, e.OtherThread),
            OperationKind.ThreadJoin => "joins " + Thread(trace, e.OtherThread),
            OperationKind.Choice => "chooses " + e.Value,
            OperationKind.VolatileRead or OperationKind.PlainRead => "read" + on + (e.Value is { } v ? " = " + v : "") + (e.IsOld ? " (old)" : ""),
            OperationKind.VolatileWrite or OperationKind.PlainWrite => "write" + on + Change(e),
            OperationKind.Interlocked => Verb(e.Site.Operation) + on + Change(e),
            OperationKind.LockAcquire => (e.Site.Operation.EndsWith("Wait", StringComparison.Ordinal) ? "re-enter" : "enter") + on,
            OperationKind.LockRelease => "leave" + on,
            OperationKind.LockTry => "try enter" + on,
            OperationKind.MonitorWait => "wait on" + on,
            OperationKind.MonitorPulse => (e.Site.Operation.EndsWith("All", StringComparison.Ordinal) ? "pulse all" : "pulse") + on,

            // A kind this file does not know says what the source says.
            _ => e.Site.Operation + (on.StartsWith(" object", StringComparison.Ordinal) ? "" : on) + (e.Value is { } value ? " = " + value : ""),
        };
    }

    /// <summary>Class of the event for colours and symbols: read, write, update, lock, thread or other.</summary>
    internal static string ClassOf(OperationKind kind) => kind switch
    {
        OperationKind.VolatileRead or OperationKind.PlainRead => "read",
        OperationKind.VolatileWrite or OperationKind.PlainWrite => "write",
        OperationKind.Interlocked => "update",
        OperationKind.LockAcquire or OperationKind.LockRelease or OperationKind.LockTry => "lock",
        OperationKind.MonitorWait or OperationKind.MonitorPulse => "lock",
        OperationKind.ThreadBegin or OperationKind.ThreadStart or OperationKind.ThreadJoin => "thread",
        _ => "other",
    };

    /// <summary>Why one event comes after another, for the later one: <c>reads from</c>.</summary>
    internal static string Of(TraceEdgeKind kind) => kind switch
    {
        TraceEdgeKind.Start => "started by",
        TraceEdgeKind.Join => "end of",
        TraceEdgeKind.ReadsFrom => "reads from",
        TraceEdgeKind.HandOver => "lock handed over by",
        TraceEdgeKind.Wake => "woken by",
        _ => "after",
    };

    private static string Thread(ExecutionTrace trace, int thread) =>
        thread >= 0 && thread < trace.Threads.Count ? trace.Threads[thread] : "a thread";

    private static string Verb(string operation) => operation.StartsWith("Interlocked.", StringComparison.Ordinal)
        ? operation["Interlocked.".Length..] switch
        {
            "CompareExchange" => "compare-exchange",
            "Increment" => "increment",
            "Decrement" => "decrement",
            "Exchange" => "exchange",
            "Read" => "read",
            string other => "atomic " + other.ToLowerInvariant(),
        }
        : operation;

    private static string Change(TraceEvent e) => (e.Before, e.Value) switch
    {
        (null, null) => "",
        ({ } same, { } value) when same == value => " = " + value,
        (null, { } value) => " := " + value,
        ({ } before, { } value) => $": {before} → {value}",
        ({ } before, null) => $": {before} → ?",
    };
}
