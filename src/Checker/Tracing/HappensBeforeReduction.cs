using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Marks the edges that the others imply, by vector clocks: what remains is the transitive reduction of happens-before.</summary>
internal static class HappensBeforeReduction
{
    internal static TraceEdge[] Mark(IReadOnlyList<TraceEvent> events, IEnumerable<TraceEdge> edges, int threads)
    {
        ILookup<int, TraceEdge> into = edges.ToLookup(e => e.To);
        int[][] clocks = new int[events.Count][]; // by event, then thread: how many events of that thread happen before or are it
        int[] ranks = new int[events.Count];      // of an event among those of its thread, from 1
        int[] latest = new int[threads];
        Array.Fill(latest, -1);
        var marked = new List<TraceEdge>();
        for (int i = 0; i < events.Count; i++)
        {
            int thread = events[i].Thread;
            int[] clock = latest[thread] >= 0 ? (int[])clocks[latest[thread]].Clone() : new int[threads];

            // The latest source first: it may bring the earlier ones with it.
            foreach (TraceEdge edge in into[i].OrderByDescending(e => e.From))
            {
                bool implied = clock[events[edge.From].Thread] >= ranks[edge.From];
                marked.Add(edge with { Implied = implied });
                if (!implied && Orders(edge, events))
                {
                    for (int t = 0; t < threads; t++)
                    {
                        clock[t] = Math.Max(clock[t], clocks[edge.From][t]);
                    }
                }
            }

            ranks[i] = ++clock[thread];
            clocks[i] = clock;
            latest[thread] = i;
        }

        return [.. marked];
    }

    // A plain read returns a value without ordering anything.
    private static bool Orders(in TraceEdge edge, IReadOnlyList<TraceEvent> events) =>
        edge.Kind != TraceEdgeKind.ReadsFrom
        || (events[edge.To].Kind != OperationKind.PlainRead && events[edge.From].Kind != OperationKind.PlainWrite);
}
