using System.Diagnostics;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Explores the schedules of a test body until one fails, the limits are reached, or no schedule is left.</summary>
public static class Explorer
{
    /// <summary>Runs the exploration on the calling thread.</summary>
    /// <param name="body">The test. Its synchronization must have been rewritten; it must not keep state between calls.</param>
    /// <param name="options">Strategy and limits.</param>
    /// <param name="progress">Told after each execution; called on the calling thread, so it should return at once.</param>
    /// <param name="cancellation">Ends the exploration early; what was found is returned.</param>
    /// <exception cref="ArgumentException">The strategy is unknown.</exception>
    public static ExplorationResult Explore(
        Action body, ExplorationOptions options, Action<ExplorationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(options);
        IExplorationStrategy strategy = (StrategyCatalog.Find(options.Strategy)
            ?? throw new ArgumentException($"unknown exploration strategy '{options.Strategy}'; one of: "
                + string.Join(", ", StrategyCatalog.All.Select(e => e.Name)))).Create(options);
        return Explore(body, options, strategy, progress, cancellation);
    }

    /// <summary>The same with a strategy that the caller keeps hold of; the name in the options is for the record.</summary>
    public static ExplorationResult Explore(
        Action body,
        ExplorationOptions options,
        IExplorationStrategy strategy,
        Action<ExplorationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var run = new ControlledRun();
        var clock = Stopwatch.StartNew();
        long schedules = 0, decisions = 0, unfinished = 0;
        int longest = 0;
        bool exhausted = false;
        var sites = new HashSet<int>();
        Failure? failure = null;
        Schedule? schedule = null;
        while (failure is null && schedules < options.Schedules && !cancellation.IsCancellationRequested
            && (options.Budget is not { } budget || clock.Elapsed < budget))
        {
            if (strategy.Next(schedules, longest) is not { } scheduler)
            {
                exhausted = true;
                break;
            }

            Execution execution = run.Execute(body, scheduler, options.MaxSteps, cancellation);
            (scheduler as IExecutionEnd)?.Ended();
            schedules++;
            decisions += execution.Steps;
            if (options.CollectSites)
            {
                foreach (Step step in run.Log.Steps)
                {
                    sites.Add(step.Site);
                }
            }

            longest = Math.Max(longest, Math.Min(execution.Steps, options.MaxSteps));
            failure = execution.Failure;
            if (failure is { Kind: FailureKind.StepBound } && !options.FailOnMaxSteps)
            {
                unfinished++;
                failure = null;
            }

            if (failure is not null)
            {
                schedule = Schedule.Capture(run.Log, execution, options, schedules);
                failure = Confirm(run, body, schedule, failure);
            }

            progress?.Invoke(new ExplorationProgress(schedules, decisions));
        }

        return new ExplorationResult
        {
            Schedules = schedules,
            Decisions = decisions,
            Longest = longest,
            Unfinished = unfinished,
            Elapsed = clock.Elapsed,
            Exhausted = exhausted,
            Sites = [.. sites.Select(SiteTable.Get)],
            Interrupted = cancellation.IsCancellationRequested,
            Failure = failure,
            Schedule = schedule,
        };
    }

    // A failure that its own schedule does not bring back is a finding of another kind: the test depends on something besides its schedule.
    private static Failure Confirm(ControlledRun run, Action body, Schedule schedule, Failure failure)
    {
        ReplayResult again = Replayer.Replay(run, body, schedule);
        if (again.Reproduced)
        {
            return failure;
        }

        string how = again.Divergence?.ToString() ?? $"the replay ended with {again.Failure?.Message ?? "no failure"}";
        return new Failure(
            FailureKind.Nondeterminism,
            $"the same choices did not bring this failure back ({failure.Message}): {how}",
            failure.Thread,
            failure.Details);
    }
}
