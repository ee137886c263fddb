using System.Diagnostics;
using Verify.Checker.Explanation;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Tracing;

namespace Verify.Checker.Shrinking;

/// <summary>
/// Makes a failing schedule small: fewer preemptions, then fewer unusual answers, switches and events, with the same failure in the same place.
/// </summary>
/// <remarks>
/// Delta debugging (Zeller and Hildebrandt, TSE 2002) over the stretches of a <see cref="Plan"/>, then the moves of Jalbert and Sen, "A Trace
/// Simplification Technique for Effective Debugging of Concurrent Programs", FSE 2010, until none helps. Each candidate is run, never reasoned about,
/// and what it really did becomes the next plan. When <see cref="ShrinkResult.Minimal"/>, dropping any one preemption, by letting the preempted
/// thread go on to its next stretch, or until it waits, or by leaving out the stretch that preempted it, does not lead to the failure with fewer.
/// At last all schedules with fewer preemptions are tried, where they are few: that finds what no single move leads to.
/// </remarks>
public sealed class Shrinker
{
    private readonly Action _body;
    private readonly Schedule _given;
    private readonly ShrinkOptions _options;
    private readonly Action<ScheduleSize>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly ControlledRun _run;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly int _maxSteps;
    private readonly int _patience;
    private FailureSignature? _wanted;
    private Attempt? _best;
    private long _runs;
    private long _depthFirstRuns;

    private Shrinker(
        Action body, Schedule given, ShrinkOptions options, Action<ScheduleSize>? progress, ControlledRun run, CancellationToken cancellation)
    {
        _body = body;
        _given = given;
        _options = options;
        _progress = progress;
        _run = run;
        _cancellation = cancellation;

        // A candidate that runs far longer than the failure took is lost in a loop. A run without end is bounded as it was found.
        int length = given.Steps.Count;
        _patience = 1000 + length;
        _maxSteps = given.Failure.Kind == FailureKind.StepBound ? given.MaxSteps : (int)Math.Min(given.MaxSteps, (4L * length) + 10_000);
    }

    private sealed record Attempt(Plan Plan, HashSet<int> Preempted, ScheduleSize Size, Schedule Schedule, string Details);

    /// <summary>Shrinks on the calling thread.</summary>
    /// <param name="body">The test that the schedule was recorded from.</param>
    /// <param name="schedule">A schedule that fails.</param>
    /// <param name="options">Limits.</param>
    /// <param name="progress">Told of each smaller schedule, on the calling thread.</param>
    /// <param name="cancellation">Ends the shrinking early; the smallest schedule so far is returned.</param>
    public static ShrinkResult Shrink(
        Action body,
        Schedule schedule,
        ShrinkOptions? options = null,
        Action<ScheduleSize>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(schedule);
        using var run = new ControlledRun(memory: schedule.Memory);
        return new Shrinker(body, schedule, options ?? new ShrinkOptions(), progress, run, cancellation).Run();
    }

    private ShrinkResult Run()
    {
        if (_given.Failure.Kind == FailureKind.Nondeterminism)
        {
            return Refuse("its failure does not come back with its schedule, so no smaller one can be compared with it");
        }

        if (Begin() is { } refused)
        {
            return Refuse(refused);
        }

        ScheduleSize before = _best!.Size;
        bool minimal, fewest;
        do
        {
            minimal = Search();
            fewest = minimal;
        }
        while (minimal && SearchDepthFirst(out fewest));
        Schedule shrunk = _best.Schedule;

        // Twice: what it found once by luck, such as a value left over from the run before, is no schedule.
        for (int i = 0; i < 2; i++)
        {
            if (!Replayer.Replay(_run, _body, shrunk).Reproduced)
            {
                return Refuse("a smaller schedule was found, but it does not replay; the test keeps something from one run to the next");
            }
        }

        return new ShrinkResult
        {
            Schedule = Explained(shrunk),
            Before = before,
            After = _best.Size,
            Minimal = minimal,
            Fewest = fewest,
            Runs = _runs,
            Elapsed = _clock.Elapsed,
        };
    }

    // The explanation of what was given speaks of answers and places that may be gone.
    private Schedule Explained(Schedule shrunk)
    {
        if (!WeakExplainer.IsExplained(_given))
        {
            return shrunk;
        }

        WeakExplanation explanation = WeakExplainer.Explain(_body, shrunk);
        string details = string.Join(Environment.NewLine, [.. explanation.Lines, _best!.Details]);
        return shrunk with { Failure = shrunk.Failure with { Details = details } };
    }

    private ShrinkResult Refuse(string why)
    {
        ScheduleSize size = _best?.Size ?? new ScheduleSize(0, 0, 0, _given.Steps.Count, _given.Steps.Count);
        return new ShrinkResult { Schedule = _given, Before = size, After = size, Runs = _runs, Elapsed = _clock.Elapsed, Refused = why };
    }

    // Runs the schedule as it was given, to know its failure's place and its plan in this process's site numbers.
    private string? Begin()
    {
        using var watch = new FailureWatch();
        var scheduler = new ReplayScheduler(_given);
        var counting = new CountingScheduler(scheduler);
        _run.Memory?.ReportAgain(_given.Failure);
        Execution execution = _run.Execute(_body, counting, _given.MaxSteps, _cancellation, watch);
        if (!Replayer.Judge(_given, scheduler, execution, _run.Log.Digest).Reproduced)
        {
            return "it does not replay; record it again";
        }

        _wanted = watch.Signature;
        var plan = Plan.Of(_run.Log.Steps, counting.Answers);
        return Try(new PlanScheduler(plan, _patience), accept: _ => true) ? null : "its failure depends on more than who runs when";
    }

    private bool Search()
    {
        Truncate();
        ScheduleSize size;
        do
        {
            size = _best!.Size;
            DropChunks();
            DropPreemptions();
            DropAnswers();
            ShortenStretches();
        }
        while (_best.Size.CompareTo(size) < 0 && !Over());
        return !Over();
    }

    // Moves get stuck where only two at once would help. All schedules with fewer preemptions are often few enough to try.
    private bool SearchDepthFirst(out bool fewest)
    {
        var depthFirst = new DepthFirst(_best!.Size.Preemptions);
        fewest = false;

        // About as many as the moves took: it is not what the caller waits for. By number and not by time, so that the result is always the same.
        long most = Math.Min(_options.DepthFirstRuns, (2 * _runs) + 200);
        for (long execution = 0; _depthFirstRuns < most && !Over(); execution++, _depthFirstRuns++)
        {
            if (depthFirst.Next(execution, 0) is not { } scheduler)
            {
                break;
            }

            if (Try(scheduler, size => size.CompareTo(_best!.Size) < 0))
            {
                return true;
            }
        }

        fewest = depthFirst.Exhausted >= _best.Size.Preemptions - 1;
        return false;
    }

    // Most of a random schedule's end is chance: the failure was on its way. The shortest beginning that still leads there is found by halving.
    private void Truncate()
    {
        for (int low = 0, high = _best!.Plan.Stretches.Count; low < high && !Over();)
        {
            int middle = (low + high) / 2;
            Plan plan = _best.Plan;
            if (Try(plan.Without(middle, plan.Stretches.Count - middle)))
            {
                high = Math.Min(middle, _best.Plan.Stretches.Count);
            }
            else
            {
                low = middle + 1;
            }
        }
    }

    private void DropChunks()
    {
        for (int size = Math.Max(1, _best!.Plan.Stretches.Count / 2); !Over(); size /= 2)
        {
            for (int start = 0; start < _best.Plan.Stretches.Count && !Over();)
            {
                if (!Try(_best.Plan.Without(start, size)))
                {
                    start += size;
                }
            }

            if (size <= 1)
            {
                return;
            }
        }
    }

    // The three ways to drop one preemption. From the end: what is dropped there does not change what comes before.
    private void DropPreemptions()
    {
        for (int at = _best!.Plan.Stretches.Count - 1; at >= 0 && !Over(); at--)
        {
            if (_best.Preempted.Contains(at)
                && (Try(_best.Plan.Joined(at)) || Try(_best.Plan.RunOn(at)) || Try(_best.Plan.Without(at + 1, 1))))
            {
                at = Math.Min(at + 1, _best.Plan.Stretches.Count);
            }
        }
    }

    private void DropAnswers()
    {
        for (int chunk = _best!.Plan.Answers.Count; chunk > 0 && !Over(); chunk /= 2)
        {
            for (int first = 0; first < _best.Plan.Answers.Count && !Over();)
            {
                if (!Try(_best.Plan.WithoutAnswers([.. _best.Plan.Answers.Keys.Skip(first).Take(chunk)])))
                {
                    first += chunk;
                }
            }
        }
    }

    // A thread that did less before it was preempted leaves less to read: iterations and whole calls that the failure does not need.
    private void ShortenStretches()
    {
        for (int at = _best!.Plan.Stretches.Count - 1; at >= 0 && !Over(); at--)
        {
            Stretch stretch = _best.Plan.Stretches[at];
            int from = _best.Plan.Stretches.Take(at).LastOrDefault(s => s.Thread == stretch.Thread).UpTo;
            for (int cut = (stretch.UpTo - from) / 2; cut > 0 && !Over(); cut /= 2)
            {
                if (Try(_best.Plan.Ending(at, stretch.UpTo - cut)))
                {
                    break;
                }
            }

            at = Math.Min(at, _best.Plan.Stretches.Count);
        }
    }

    // What was found out with more effort than a replay, such as the other stack of a race, is kept while it is about the same.
    private Failure Told(Failure failure) => failure.Message == _given.Failure.Message ? _given.Failure : failure;

    private bool Over() =>
        _cancellation.IsCancellationRequested || _runs >= _options.Runs || (_options.Budget is { } budget && _clock.Elapsed > budget);

    private bool Try(Plan plan) => Try(new PlanScheduler(plan, _patience), size => size.CompareTo(_best!.Size) < 0);

    private bool Try(IScheduler deciding, Predicate<ScheduleSize> accept)
    {
        _runs++;
        using var watch = new FailureWatch();
        var scheduler = new CountingScheduler(deciding);
        _run.Memory?.ReportAgain(_given.Failure);
        Execution execution = _run.Execute(_body, scheduler, _maxSteps, _cancellation, watch);
        if (execution.Failure is not { } failure || watch.Signature != _wanted)
        {
            return false;
        }

        var done = Plan.Of(_run.Log.Steps, scheduler.Answers);
        int events = _run.Log.Count;
        var size = new ScheduleSize(
            scheduler.Preemptions, done.Answers.Count, scheduler.Switches, watch.Origin is { } origin ? origin.Event + 1 : events, events);
        if (!accept(size))
        {
            return false;
        }

        _best = new Attempt(done, scheduler.Preempted, size, _given.With(_run.Log.Steps, execution, Told(failure)), failure.Details);
        _progress?.Invoke(size);
        return true;
    }
}
