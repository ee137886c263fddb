using Verify.Checker.Explanation;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Replays a schedule and records all that a picture needs. Some ten times slower than a plain replay.</summary>
public static class Tracer
{
    /// <summary>Replays <paramref name="schedule"/> on the calling thread.</summary>
    /// <returns>The replay's result, and the trace as far as the replay went.</returns>
    public static (ReplayResult Result, ExecutionTrace Trace) Replay(Action body, Schedule schedule, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(schedule);

        // Locations are told apart by address, so nothing should move. Where the collector cannot be held off, a location may look like two.
        using var run = new ControlledRun(memory: schedule.Memory, holdStill: true);
        run.Memory?.ReportAgain(schedule.Failure);
        var scheduler = new ReplayScheduler(schedule);
        using var recorder = new TraceRecorder(scheduler);
        if (run.Memory is { } memory)
        {
            memory.Watch = recorder;
        }

        Execution execution = run.Execute(body, recorder, schedule.MaxSteps, cancellation, recorder, scheduler);
        ReplayResult result = Replayer.Judge(schedule, scheduler, execution, run.Log.Digest);
        ExecutionTrace trace = TraceBuilder.Build(recorder, [.. execution.Threads.Select(t => t.Name)], execution.Failure ?? schedule.Failure, run.Memory?.Found ?? [], run.Log.Steps.ToArray());
        if (result.Reproduced && WeakExplainer.IsExplained(schedule))
        {
            // Where the failure is: what each answer of memory means has words, and places in them, but no one event.
            TraceMark at = trace.Marks.FirstOrDefault(m => m.Kind == TraceMarkKind.Failure) ?? new TraceMark(TraceMarkKind.Failure, 0, trace.Events.Count - 1, "", -1);
            TraceMark[] causes = [.. WeakExplainer.Explain(body, schedule).Lines.Select(l => new TraceMark(TraceMarkKind.Cause, at.Thread, at.Event, l, -1))];
            trace = trace with { Marks = [.. trace.Marks, .. causes] };
        }

        return (result, trace);
    }
}
