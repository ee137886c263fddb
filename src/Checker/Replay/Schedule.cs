using Verify.Checker.Exploration;
using Verify.Checker.Runtime;

namespace Verify.Checker.Replay;

/// <summary>A recorded execution: enough to run it again and to say where a changed program departs from it.</summary>
public sealed record Schedule
{
    /// <summary>What was run, in the caller's words, such as <c>flush-vs-last-tb</c>.</summary>
    public string Test { get; init; } = "";

    /// <summary>Which variant of it, such as <c>global-flag</c>; may be empty.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Exploration strategy that found it.</summary>
    public string Strategy { get; init; } = "";

    /// <summary>Its seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Number of the execution, from 1.</summary>
    public long Execution { get; init; }

    /// <summary>Step bound it ran under.</summary>
    public int MaxSteps { get; init; }

    /// <summary>Memory model and race detection it ran under.</summary>
    public MemoryOptions Memory { get; init; } = MemoryOptions.Default;

    /// <summary>Rewritten modules by name, with the module version each had before rewriting.</summary>
    public IReadOnlyDictionary<string, string> Modules { get; init; } = new Dictionary<string, string>();

    /// <summary>Thread names by number.</summary>
    public required IReadOnlyList<string> Threads { get; init; }

    /// <summary>The sites that occur; steps refer to them by position.</summary>
    public required IReadOnlyList<Site> Sites { get; init; }

    /// <summary>The events, in order. <see cref="Step.Site"/> is a position in <see cref="Sites"/>.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>The verdict.</summary>
    public required Failure Failure { get; init; }

    /// <summary>Digest of the event sequence.</summary>
    public ulong Digest { get; init; }

    internal static Schedule Capture(StepLog log, Execution execution, ExplorationOptions options, long number) =>
        Capture(log.Steps, execution, options, number, execution.Failure!);

    internal static Schedule Capture(ReadOnlySpan<Step> events, Execution execution, ExplorationOptions options, long number, Failure failure) =>
        new Schedule
        {
            Strategy = options.Strategy,
            Seed = options.Seed,
            Execution = number,
            MaxSteps = options.MaxSteps,
            Memory = options.Memory,
            Threads = [],
            Sites = [],
            Steps = [],
            Failure = failure,
        }.With(events, execution, failure);

    /// <summary>The same test and origin with the events of another execution.</summary>
    internal Schedule With(ReadOnlySpan<Step> events, Execution execution, Failure failure)
    {
        var positions = new Dictionary<int, int>();
        var sites = new List<Site>();
        var steps = new Step[events.Length];
        ulong digest = Fnv.Offset;
        for (int i = 0; i < steps.Length; i++)
        {
            Step step = events[i];
            digest = StepLog.Mix(digest, step, SiteTable.StableId(step.Site));
            if (!positions.TryGetValue(step.Site, out int position))
            {
                position = sites.Count;
                positions.Add(step.Site, position);
                sites.Add(SiteTable.Get(step.Site));
            }

            steps[i] = step with { Site = position };
        }

        return this with
        {
            Threads = [.. execution.Threads.Select(t => t.Name)],
            Sites = sites,
            Steps = steps,
            Failure = failure,
            Digest = digest,
        };
    }
}
