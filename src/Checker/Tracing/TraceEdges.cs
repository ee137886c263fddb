using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Finds what orders events: thread starts and ends, locks, pulses, and which write each read returned.</summary>
/// <remarks>
/// Under sequential consistency a read returns the latest write to its location; under a weak memory the memory has said which. Edges within one thread are left out, but for reads-from, where
/// "my own write" is an answer too.
/// </remarks>
internal static class TraceEdges
{
    internal static IEnumerable<TraceEdge> Of(IReadOnlyList<TraceEvent> events, int threads)
    {
        int[] startOf = new int[threads];
        int[] end = new int[threads]; // a thread's last event
        Array.Fill(startOf, -1);
        Array.Fill(end, -1);
        for (int i = 0; i < events.Count; i++)
        {
            end[events[i].Thread] = i;
        }

        var lastWrite = new Dictionary<int, int>();   // by object
        var lastRelease = new Dictionary<int, int>(); // by object
        var lastUse = new Dictionary<int, int>();     // by object
        var waiting = new Dictionary<int, List<int>>(); // by object, threads in order of arrival
        var woken = new Dictionary<int, int>();       // by thread, the pulse
        for (int i = 0; i < events.Count; i++)
        {
            TraceEvent e = events[i];
            int thread = e.Thread;
            switch (e.Kind)
            {
                case OperationKind.ThreadStart when e.OtherThread is >= 0 and var other && other < threads:
                    startOf[other] = i;
                    break;
                case OperationKind.ThreadBegin when startOf[thread] >= 0:
                    yield return new TraceEdge(startOf[thread], i, TraceEdgeKind.Start);
                    break;
                case OperationKind.ThreadJoin when e.OtherThread is >= 0 and var joined && joined < threads:
                    if (end[joined] >= 0 && end[joined] < i)
                    {
                        yield return new TraceEdge(end[joined], i, TraceEdgeKind.Join);
                    }

                    break;
                case OperationKind.VolatileRead or OperationKind.PlainRead when e.ReadsFrom is { } from:
                    if (from >= 0)
                    {
                        yield return new TraceEdge(from, i, TraceEdgeKind.ReadsFrom);
                    }

                    break;
                case OperationKind.VolatileRead or OperationKind.PlainRead:
                    if (lastWrite.TryGetValue(e.Object, out int read))
                    {
                        yield return new TraceEdge(read, i, TraceEdgeKind.ReadsFrom);
                    }

                    break;
                case OperationKind.VolatileWrite or OperationKind.PlainWrite:
                    lastWrite[e.Object] = i;
                    break;
                case OperationKind.Interlocked:
                    if (lastWrite.TryGetValue(e.Object, out int updated))
                    {
                        yield return new TraceEdge(updated, i, TraceEdgeKind.ReadsFrom);
                    }

                    if (e.Before is null || e.Before != e.Value)
                    {
                        lastWrite[e.Object] = i; // a failed compare-exchange writes nothing
                    }

                    break;
                case OperationKind.LockAcquire or OperationKind.LockTry:
                    Waiters(waiting, e.Object).Remove(thread); // its wait has timed out
                    if (woken.Remove(thread, out int pulse))
                    {
                        yield return new TraceEdge(pulse, i, TraceEdgeKind.Wake);
                    }

                    if (lastRelease.TryGetValue(e.Object, out int release) && events[release].Thread != thread)
                    {
                        yield return new TraceEdge(release, i, TraceEdgeKind.HandOver);
                    }

                    break;
                case OperationKind.LockRelease:
                    lastRelease[e.Object] = i;
                    break;
                case OperationKind.MonitorWait:
                    lastRelease[e.Object] = i;
                    Waiters(waiting, e.Object).Add(thread);
                    break;
                case OperationKind.MonitorPulse:
                    List<int> waiters = Waiters(waiting, e.Object);
                    int count = e.Site.Operation.EndsWith("All", StringComparison.Ordinal) ? waiters.Count : Math.Min(1, waiters.Count);
                    foreach (int waiter in waiters.Take(count))
                    {
                        woken[waiter] = i;
                    }

                    waiters.RemoveRange(0, count);
                    break;
                default:
                    if (e.Object >= 0 && ObjectNames.KindOf(e.Kind) == TraceObjectKind.Synchronization)
                    {
                        if (lastUse.TryGetValue(e.Object, out int use) && events[use].Thread != thread)
                        {
                            yield return new TraceEdge(use, i, TraceEdgeKind.Order);
                        }

                        lastUse[e.Object] = i;
                    }

                    break;
            }
        }
    }

    private static List<int> Waiters(Dictionary<int, List<int>> waiting, int monitor)
    {
        if (!waiting.TryGetValue(monitor, out List<int>? threads))
        {
            waiting.Add(monitor, threads = []);
        }

        return threads;
    }
}
