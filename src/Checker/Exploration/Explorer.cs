using System.Diagnostics;
using Verify.Checker.Explanation;
using Verify.Checker.Exploration.PartialOrder;
using Verify.Checker.MemoryModels;
using Verify.Checker.Races;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Explores the schedules of a test body until one fails, the limits are reached, or no schedule is left.</summary>
public static class Explorer
{
    /// <summary>Runs the exploration, on a thread of its own, and returns when it is over.</summary>
    /// <param name="body">The test. Its synchronization must have been rewritten; it must not keep state between calls.</param>
    /// <param name="options">Strategy and limits.</param>
    /// <param name="progress">Told after each execution, on the exploration's thread; it should return at once.</param>
    /// <param name="cancellation">Ends the exploration early; what was found is returned.</param>
    /// <exception cref="ArgumentException">The strategy is unknown.</exception>
    public static ExplorationResult Explore(
        Action body, ExplorationOptions options, Action<ExplorationProgress>? progress = null, CancellationToken cancellation = default)
    {
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
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(strategy);
        var weak = new WeakPolicy(options.Seed);
        var clock = Stopwatch.StartNew();
        var watchdog = new Watchdog(options.Patience);
        long schedules = 0, decisions = 0, unfinished = 0;
        int longest = 0;
        bool exhausted = false;
        var sites = new HashSet<int>();
        TraceDigest? traces = options.CountTraces ? new TraceDigest() : null;
        var coverage = new CoverageCounter(options.Strategy, strategy, options.Memory.Machine.Model.StaleReads);
        bool sampled = false; // the memory's answers, of which there are then more
        Func<SearchProgress>? search = strategy is ISearch s ? () => s.Progress : null;
        Failure? failure = null;
        Schedule? schedule = null;
        WeakExplanation? explanation = null;
        IReadOnlyList<DataRace> races = [];
        ControlledRun? latest = null;
        bool ended = watchdog.Run(() =>
        {
            using var run = new ControlledRun(watchdog, options.Memory, strategy is ITracksStates, strategy is IComparesAddresses || options.CountTraces);
            using var recorder = new RaceRecorder(run, body, options);
            latest = run;
            races = recorder.Races;
            while (failure is null && schedules < options.Schedules && !cancellation.IsCancellationRequested
                && (options.Budget is not { } budget || clock.Elapsed < budget))
            {
                if (strategy.Next(schedules, longest) is not { } scheduler)
                {
                    exhausted = !sampled && unfinished == 0;
                    break;
                }

                int fairFrom = FairTail.From(options.MaxSteps);
                IScheduler fair = strategy.Enumerates ? scheduler : new FairTail(scheduler, fairFrom, options.Seed + (ulong)schedules);
                sampled |= options.Memory.Machine.Model.StaleReads && scheduler is not IWeakChoices;
                int collections = GC.CollectionCount(0);
                Execution execution = run.Execute(body, fair, options.MaxSteps, cancellation, weak: weak.For(schedules, scheduler));
                if (watchdog.Over)
                {
                    return;
                }

                (scheduler as IExecutionEnd)?.Ended();
                if (traces is not null)
                {
                    // One in which objects moved has no digest to rely on; the hold makes that rare.
                    bool whole = execution.Divergence is null && !execution.Cancelled && GC.CollectionCount(0) == collections;
                    coverage.Add(schedules, execution.Steps, whole ? traces.Of(run.Log) : null);
                }

                schedules++;
                decisions += execution.Steps;
                if (options.CollectSites)
                {
                    foreach (Step step in run.Log.Steps)
                    {
                        sites.Add(step.Site);
                    }
                }

                longest = Math.Max(longest, Math.Min(execution.Steps, fairFrom));
                failure = execution.Failure;
                if (failure is { Kind: FailureKind.StepBound } && !options.FailOnMaxSteps)
                {
                    unfinished++;
                    failure = null;
                }

                recorder.Take(execution, schedules);
                if (failure is not null)
                {
                    schedule = Schedule.Capture(run.Log, execution, options, schedules);
                    failure = Confirm(run, body, schedule, failure);
                    if (failure.Kind == FailureKind.DataRace)
                    {
                        failure = failure with { Details = recorder.Races[^1].Details };
                        schedule = schedule with { Failure = failure };
                    }

                    schedule = schedule with { Failure = failure };
                    if (WeakExplainer.IsExplained(schedule))
                    {
                        explanation = WeakExplainer.Explain(body, schedule);
                        failure = failure with { Details = string.Join(Environment.NewLine, [.. explanation.Lines, failure.Details]) };
                        schedule = explanation.Schedule with { Failure = failure };
                    }
                }

                progress?.Invoke(new ExplorationProgress(schedules, decisions, search));
            }
        });
        if (!ended && latest?.Latest is { Failure: { } stuck } lost)
        {
            failure = stuck;
            schedule = Schedule.Capture(latest.Log, lost, options, ++schedules);
        }

        return new ExplorationResult
        {
            Schedules = schedules,
            Decisions = decisions,
            Longest = longest,
            Unfinished = unfinished,
            Elapsed = clock.Elapsed,
            Exhausted = exhausted,
            Search = search?.Invoke(),
            Coverage = traces is null ? [] : coverage.Result,
            Sites = [.. sites.Select(SiteTable.Get)],
            Interrupted = cancellation.IsCancellationRequested,
            Failure = failure,
            Schedule = schedule,
            Races = races,
            Explanation = explanation,
            Repeated = latest?.Repeated ?? 0,
        };
    }

    // A failure that its own schedule does not bring back is a finding of another kind: the test depends on something besides its schedule.
    private static Failure Confirm(ControlledRun run, Action body, Schedule schedule, Failure failure)
    {
        if (failure.Kind == FailureKind.UncontrolledBlocking)
        {
            return failure; // it may take real time again, or another thread
        }

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
