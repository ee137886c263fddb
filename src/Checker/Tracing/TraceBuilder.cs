using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Makes a trace of what a recorder noted: names the objects, and finds what orders the events.</summary>
internal static class TraceBuilder
{
    internal static ExecutionTrace Build(TraceRecorder recorder, IReadOnlyList<string> threads, Failure failure)
    {
        var objects = new ObjectNames(threads);
        int started = 0; // threads are numbered in starting order
        TraceEvent[] events = [.. recorder.Events.Select(e => new TraceEvent
        {
            Thread = e.Thread,
            Kind = e.Kind,
            Site = e.Site,
            Object = objects.Number(e.Kind, e.Address, e.Site),
            OtherThread = e.Kind switch
            {
                OperationKind.ThreadStart => ++started,
                OperationKind.ThreadJoin => (int)e.Address,
                _ => -1,
            },
            Before = e.Before,
            Value = e.Value,
            Stack = e.Stack,
            WaitedSince = e.WaitedSince,
            Preempts = e.Preempts,
        })];
        var marks = new List<TraceMark>();
        if (recorder.Origin is { } origin)
        {
            marks.Add(new TraceMark(TraceMarkKind.Failure, origin.Thread, origin.Event, failure.Message, recorder.OriginStack));
        }
        else if (failure.Kind == FailureKind.Deadlock)
        {
            foreach ((int thread, PendingOperation operation, TraceRecorder.Posted posted, string waitsFor) in recorder.Standing)
            {
                Site site = SiteTable.Get(operation.Site);
                string text = $"waits for {(waitsFor.Length > 0 ? waitsFor : operation.Kind.ToString())} at {site.Place}, for ever";
                marks.Add(new TraceMark(TraceMarkKind.Blocked, thread, posted.After, text, posted.Stack));
            }
        }
        else
        {
            int thread = failure.Thread >= 0 ? failure.Thread : events.Length > 0 ? events[^1].Thread : 0;
            marks.Add(new TraceMark(TraceMarkKind.Failure, thread, events.Length - 1, failure.Message, events.Length > 0 ? events[^1].Stack : -1));
        }

        return new ExecutionTrace
        {
            Threads = threads,
            Objects = objects.All(),
            Events = events,
            Edges = HappensBeforeReduction.Mark(events, TraceEdges.Of(events, threads.Count), threads.Count),
            Stacks = recorder.Stacks,
            Marks = marks,
            Failure = failure,
        };
    }
}
