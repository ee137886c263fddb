using Verify.Checker.Tracing;

namespace Verify.Cli.Pictures;

/// <summary>Finds the stretches of a trace in which nothing happens that another thread could notice, so that pictures can fold them.</summary>
internal static class Stretches
{
    private const int Shortest = 3; // folding two lines into one hides more than it saves

    /// <summary>For each event the number of events of the stretch that begins with it, 0 when none does; the stretches do not overlap.</summary>
    internal static int[] Fold(ExecutionTrace trace)
    {
        bool[] eventful = Eventful(trace);
        int[] length = new int[trace.Events.Count];
        for (int i = 0; i < length.Length;)
        {
            int end = i;
            while (end < length.Length && !eventful[end] && trace.Events[end].Thread == trace.Events[i].Thread)
            {
                end++;
            }

            if (end - i >= Shortest)
            {
                length[i] = end - i;
            }

            i = Math.Max(end, i + 1);
        }

        return length;
    }

    private static bool[] Eventful(ExecutionTrace trace)
    {
        bool[] eventful = new bool[trace.Events.Count];
        void Mark(int at)
        {
            if (at >= 0 && at < eventful.Length)
            {
                eventful[at] = true;
            }
        }

        foreach (TraceEdge edge in trace.Edges.Where(e => !e.Implied && trace.Events[e.From].Thread != trace.Events[e.To].Thread))
        {
            Mark(edge.From);
            Mark(edge.To);
        }

        // What an old value is about is the write it missed, to which there is no edge.
        for (int i = 0; i < trace.Events.Count; i++)
        {
            if (trace.Events[i].IsOld)
            {
                Mark(i);
                Mark(Missed(trace, i));
            }
        }

        foreach (TraceMark mark in trace.Marks)
        {
            Mark(mark.Event);
            Mark(mark.Event - 1);
            Mark(mark.Event + 1);
        }

        int last = -1;
        for (int i = 0; i < eventful.Length; i++)
        {
            TraceEvent e = trace.Events[i];
            if (e.Preempts)
            {
                Mark(i - 1);
                Mark(i);
            }

            if (e.WaitedSince >= 0 || e.OtherThread >= 0)
            {
                Mark(i);
            }

            // The last thing a thread does before another one goes on says how far it got.
            if (last >= 0 && last != e.Thread)
            {
                Mark(i - 1);
            }

            last = e.Thread;
        }

        Mark(eventful.Length - 1);
        return eventful;
    }

    private static int Missed(ExecutionTrace trace, int read)
    {
        int write = read - 1;
        while (write >= 0 && !(trace.Events[write].Object == trace.Events[read].Object
            && EventText.ClassOf(trace.Events[write].Kind) is "write" or "update"))
        {
            write--;
        }

        return write;
    }
}
