using System.Runtime;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Replays a schedule and records all that a picture needs. Some ten times slower than a plain replay.</summary>
public static class Tracer
{
    // Enough for the stacks of tens of thousands of events. Committed by the runtime in about a millisecond.
    private const long RegionBytes = 96L << 20;

    /// <summary>Replays <paramref name="schedule"/> on the calling thread.</summary>
    /// <returns>The replay's result, and the trace as far as the replay went.</returns>
    public static (ReplayResult Result, ExecutionTrace Trace) Replay(Action body, Schedule schedule, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(schedule);
        using var run = new ControlledRun(memory: schedule.Memory);
        run.Memory?.ReportAgain(schedule.Failure);
        var scheduler = new ReplayScheduler(schedule);
        using var recorder = new TraceRecorder(scheduler);

        // Locations are told apart by address, so nothing may move. If the region cannot be had, or is too small, a location may look like two.
        bool entered = TryEnterRegion();
        Execution execution;
        try
        {
            execution = run.Execute(body, recorder, schedule.MaxSteps, cancellation, recorder, scheduler);
        }
        finally
        {
            LeaveRegion(entered);
        }

        ReplayResult result = Replayer.Judge(schedule, scheduler, execution, run.Log.Digest);
        ExecutionTrace trace = TraceBuilder.Build(recorder, [.. execution.Threads.Select(t => t.Name)], execution.Failure ?? schedule.Failure, run.Memory?.Found ?? []);
        return (result, trace);
    }

    private static bool TryEnterRegion()
    {
        try
        {
            return GC.TryStartNoGCRegion(RegionBytes);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentOutOfRangeException)
        {
            return false; // someone else is in one, or the heap is limited
        }
    }

    private static void LeaveRegion(bool entered)
    {
        if (!entered || GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
        {
            return;
        }

        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // a collection ended it just now
        }
    }
}
