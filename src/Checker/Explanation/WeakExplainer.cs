using Verify.Checker.MemoryModels;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Explanation;

/// <summary>Says why a failure happened under a weak memory model: which answers of memory it needs, and what each means.</summary>
/// <remarks>
/// Answers are dropped, many at a time and then one by one, as long as the same events end in the same failure. What is left is explained from the
/// times of the accesses. A fence that is named as a remedy is tried: the execution is repeated with it.
/// </remarks>
public static class WeakExplainer
{
    /// <summary>Whether there is something to explain: a failure that an execution of its length brings back, and answers of a weak memory.</summary>
    public static bool IsExplained(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);

        // One that takes the whole step bound, or real time, to show would have to be repeated many times.
        bool comesBack = schedule.Failure.Kind is FailureKind.Assertion or FailureKind.UnhandledException or FailureKind.Deadlock
            or FailureKind.BadFree or FailureKind.DataRace;
        return comesBack && schedule.Steps.Any(s => s.IsWeak);
    }

    /// <summary>Explains a failure.</summary>
    /// <param name="body">The test.</param>
    /// <param name="schedule">The failure, recorded under a weak memory model.</param>
    public static WeakExplanation Explain(Action body, Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(schedule);
        using var run = new ControlledRun(memory: schedule.Memory);
        if (run.Memory is null || !schedule.Steps.Any(s => s.IsWeak))
            return new WeakExplanation(schedule, []);
        schedule = Minimize(run, body, schedule);
        return new WeakExplanation(schedule, schedule.Steps.Any(s => s.IsWeak) ? Causes(run, body, schedule) : []);
    }

    private static Schedule Minimize(ControlledRun run, Action body, Schedule schedule)
    {
        for (int chunk = schedule.Steps.Count(s => s.IsWeak); chunk > 0; chunk /= 2)
        {
            for (int first = 0; first < schedule.Steps.Count(s => s.IsWeak);)
            {
                if (Without(run, body, schedule, first, chunk) is { } smaller)
                    schedule = smaller;
                else
                    first += chunk;
            }
        }

        return schedule;
    }

    private static Schedule? Without(ControlledRun run, Action body, Schedule schedule, int first, int count)
    {
        int weak = 0;
        Step[] steps = [.. schedule.Steps.Where(s => !s.IsWeak || weak++ is var n && (n < first || n >= first + count))];
        Schedule candidate = schedule with { Steps = steps };
        return Fails(run, body, candidate, weak: null) ? candidate with { Digest = run.Log.Digest } : null;
    }

    // The same events, the same failure; the digest differs, for the answers are in it.
    private static bool Fails(ControlledRun run, Action body, Schedule schedule, IWeakChoices? weak)
    {
        var scheduler = new ReplayScheduler(schedule);
        run.Memory!.ReportAgain(schedule.Failure);
        Execution execution = run.Execute(body, scheduler, schedule.MaxSteps, weak: weak ?? scheduler);
        return execution.Divergence is null && scheduler.Followed == schedule.Steps.Count
            && execution.Failure is { } failure && failure.Kind == schedule.Failure.Kind && failure.Message == schedule.Failure.Message;
    }

    private static List<WeakCause> Causes(ControlledRun run, Action body, Schedule schedule)
    {
        WeakTrace trace = Trace(run, body, schedule);
        var causes = new List<WeakCause>();
        for (int i = 0; i < trace.Accesses.Count; i++)
        {
            if (!trace.Accesses[i].IsWeak)
                continue;

            // A late write is overtaken by all that follows it; what matters is the pair whose fence makes the failure go away.
            WeakCause[] candidates = [.. (trace.Accesses[i].IsWrite ? OfWrite(schedule, trace, i) : OfRead(schedule, trace, i))
                .Select(c => Checked(run, body, schedule, trace, c))];
            WeakCause cause = candidates.FirstOrDefault(c => c.IsChecked) ?? candidates[0];
            if (!causes.Contains(cause))
                causes.Add(cause);
        }

        return causes;
    }

    private static WeakTrace Trace(ControlledRun run, Action body, Schedule schedule)
    {
        var scheduler = new ReplayScheduler(schedule);
        var trace = new WeakTrace(scheduler);
        run.Memory!.Watch = trace;
        run.Memory.ReportAgain(schedule.Failure);
        run.Execute(body, scheduler, schedule.MaxSteps, weak: trace);
        run.Memory.Watch = null;
        return trace;
    }

    private static IEnumerable<WeakCause> OfRead(Schedule schedule, WeakTrace trace, int at)
    {
        WeakTrace.Access read = trace.Accesses[at];
        if (trace.Overtaken(at, writes: false) is { } earlierRead)
            yield return Make(schedule, Reordering.ReadRead, earlierRead, read, read);
        if (trace.Overtaken(at, writes: true) is { } earlierWrite)
            yield return Make(schedule, Reordering.WriteRead, earlierWrite, read, read);
        yield return Make(schedule, Reordering.None, null, read, read);
    }

    private static IEnumerable<WeakCause> OfWrite(Schedule schedule, WeakTrace trace, int at)
    {
        WeakTrace.Access write = trace.Accesses[at];
        WeakTrace.Access? missing = trace.Missing(at);
        if (trace.Overtaken(at, writes: true) is { } earlier)
            yield return Make(schedule, Reordering.WriteWrite, earlier, write, null);
        if (trace.OvertakingWrite(at) is { } laterWrite)
            yield return Make(schedule, Reordering.WriteWrite, write, laterWrite, missing);
        if (trace.OvertakingRead(at) is { } laterRead)
            yield return Make(schedule, Reordering.WriteRead, write, laterRead, missing);
        yield return Make(schedule, Reordering.None, null, missing ?? write, missing);
    }

    private static WeakCause Make(
        Schedule schedule, Reordering kind, WeakTrace.Access? earlier, WeakTrace.Access later, WeakTrace.Access? stale)
    {
        string returned = stale is not { IsStale: true } read ? ""
            : $"The read at {Place(read.Site)} by {Name(schedule, read.Thread)} returned {Describe(schedule, read.Returned, "the initial value")} "
                + $"and missed {Describe(schedule, read.Newest, "a newer value")}.";
        string remedy = kind switch
        {
            Reordering.ReadRead =>
                $"A Volatile.Read at {Place(earlier!.Value.Site)}, or a Volatile.ReadBarrier before {Place(later.Site)},",
            Reordering.WriteWrite => $"A Volatile.Write at {Place(later.Site)}, or a Volatile.WriteBarrier before it,",
            Reordering.WriteRead => $"An Interlocked.MemoryBarrier between {Place(earlier!.Value.Site)} and {Place(later.Site)}",
            _ => "",
        };
        return new WeakCause(
            Name(schedule, later.Thread),
            kind,
            earlier is { } e ? SiteTable.Get(e.Site) : null,
            SiteTable.Get(later.Site),
            stale is { } s ? SiteTable.Get(s.Site) : null,
            returned,
            remedy,
            IsChecked: false);
    }

    // The fence makes the answer inadmissible, so the execution departs from the schedule or ends without the failure.
    private static WeakCause Checked(ControlledRun run, Action body, Schedule schedule, WeakTrace trace, WeakCause cause)
    {
        if (cause.Kind == Reordering.None)
            return cause;
        WeakTrace.Access later = trace.Accesses.First(
            a => ReferenceEquals(SiteTable.Get(a.Site), cause.Later) && Name(schedule, a.Thread) == cause.Thread);
        FenceKind fence = cause.Kind switch
        {
            Reordering.ReadRead => FenceKind.Read,
            Reordering.WriteWrite => FenceKind.Write,
            _ => FenceKind.Full,
        };
        run.Memory!.Supposed = (later.Thread, later.Site, fence);
        bool fails = Fails(run, body, schedule, weak: null);
        run.Memory.Supposed = null;
        return cause with { IsChecked = !fails };
    }

    private static string Describe(Schedule schedule, WriteMark write, string otherwise) =>
        write.Thread < 0 ? otherwise : $"{Name(schedule, write.Thread)}'s write at {Place(write.Site)}";

    private static string Name(Schedule schedule, int thread) => thread < schedule.Threads.Count ? schedule.Threads[thread] : "thread" + thread;

    private static string Place(int site) => SiteTable.Get(site).Place;
}
