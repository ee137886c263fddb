using Verify.Checker.Races;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Makes a trace of what a recorder noted: names the objects, and finds what orders the events.</summary>
internal static class TraceBuilder
{
    private const int MostRaces = 4; // each has two boxes; a program with more has other worries than reading them all in one picture

    internal static ExecutionTrace Build(
        TraceRecorder recorder,
        IReadOnlyList<string> threads,
        Failure failure,
        IReadOnlyList<ModelledMemory.FoundRace> races,
        IReadOnlyList<Step> steps)
    {
        // The log counts the answers of memory, which are no events.
        int EventsAmong(int logged) => steps.Take(logged).Count(s => !s.IsWeak);
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
            ReadsFrom = e.ReadsFrom,
            IsOld = e.IsOld,
            Stack = e.Stack,
            WaitedSince = e.WaitedSince,
            Preempts = e.Preempts,
        })];
        var marks = new List<TraceMark>();
        int originStack = recorder.OriginStack; // adds to the stacks
        var stacks = new List<IReadOnlyList<TraceFrame>>(recorder.Stacks);
        foreach (ModelledMemory.FoundRace race in races.Take(MostRaces))
        {
            // Plain accesses are no events: the first side is placed after its thread's last event before the race, the second where it was noticed.
            int until = Math.Min(EventsAmong(race.Events), events.Length);
            int first = Array.FindLastIndex(events, Math.Max(0, until - 1), until, e => e.Thread == race.Report.First.Thread);
            marks.Add(Side(race.First, race.Report.First.Thread, first, stacks));
            marks.Add(Side(race.Second, race.Report.Second.Thread, until - 1, stacks));
            marks.Add(new TraceMark(TraceMarkKind.Cause, race.Report.Second.Thread, until - 1, "no happens-before edge: " + race.Remedy, -1));
        }

        if (recorder.Origin is { } origin)
        {
            marks.Add(new TraceMark(TraceMarkKind.Failure, origin.Thread, EventsAmong(origin.Event + 1) - 1, failure.Message, originStack));
        }
        else if (failure.Kind == FailureKind.DataRace && marks.Count > 0)
        {
            // its two sides say it all
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
            Stacks = stacks,
            Marks = marks,
            Failure = failure,
        };
    }

    private static TraceMark Side(RacingAccess side, int thread, int after, List<IReadOnlyList<TraceFrame>> stacks)
    {
        stacks.Add([new TraceFrame(side.Site.Method, side.Site.File, side.Site.Line), .. side.Stack.Select(f => new TraceFrame(f, "", 0))]);
        string on = side.Site.Location.Length > 0 ? " of " + side.Site.Location : "";
        return new TraceMark(TraceMarkKind.RaceSide, thread, after, $"race: {side.What}{on} at {side.Site.Place}", stacks.Count - 1);
    }
}
