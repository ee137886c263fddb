using System.Globalization;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;

namespace Verify.Checker.Campaigns;

/// <summary>What a search that has ended showed: that no schedule within its bounds fails, and how many there were.</summary>
/// <remarks>Nothing in it depends on seeds, on the number of workers or on time: two runs of one build give the same.</remarks>
public sealed record Certificate
{
    /// <summary>As in <see cref="CampaignCell.Test"/>.</summary>
    public required string Test { get; init; }

    /// <summary>As in <see cref="CampaignCell.Variant"/>.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Which search, a name in <see cref="StrategyCatalog"/>.</summary>
    public required string Strategy { get; init; }

    /// <summary>Memory model and where threads were switched, in the words of <see cref="MemoryOptionsText"/>.</summary>
    public required MemoryOptions Memory { get; init; }

    /// <summary>Preemption bound within which it is complete; null when no bound kept anything from being tried.</summary>
    public int? Preemptions { get; init; }

    /// <summary>Most answers of a weak memory in an execution; null as above.</summary>
    public int? WeakAnswers { get; init; }

    /// <summary>Most steps of one execution; none reached it.</summary>
    public int MaxSteps { get; init; }

    /// <summary>Different executions run to their end, at the bound.</summary>
    public long Executions { get; init; }

    /// <summary>Their equivalence classes (Mazurkiewicz traces); null where they are not told apart: under weak memory and by <c>exhaustive</c>.</summary>
    public long? Classes { get; init; }

    /// <summary>Executions abandoned, or not continued in all ways, since they lead to nothing new.</summary>
    public long Blocked { get; init; }

    /// <summary>Different states met, by <c>exhaustive</c>; otherwise 0.</summary>
    public long States { get; init; }

    /// <summary>Module versions before rewriting, by assembly name.</summary>
    public IReadOnlyDictionary<string, string> Modules { get; init; } = new Dictionary<string, string>();

    /// <summary>Digest of the classes in 16 hexadecimal digits, the same for each search that is complete; where they are not told apart, of the counts.</summary>
    public required string Digest { get; init; }

    /// <summary>"complete", or within which bounds.</summary>
    public string Claim => "complete" + (Preemptions, WeakAnswers) switch
    {
        (null, null) => "",
        ({ } preemptions, null) => $" at preemption bound {preemptions}",
        (null, { } weak) => $" at {Answers(weak)}",
        ({ } preemptions, { } weak) => $" at preemption bound {preemptions} and {Answers(weak)}",
    };

    private static string Answers(int weak) => weak == 1 ? "1 weak answer" : $"{weak} weak answers";

    /// <summary>The certificate of one search of a cell.</summary>
    /// <param name="plan">What is explored.</param>
    /// <param name="cell">Position of the cell.</param>
    /// <param name="strategy">A search among the plan's strategies.</param>
    /// <param name="result">The result of a block, or null when it has not been run.</param>
    /// <returns>Null when the search has not ended, or found a failure.</returns>
    internal static Certificate? Of(CampaignPlan plan, int cell, string strategy, Func<int, BlockResult?> result)
    {
        // The blocks of one bound are complete together or not at all. A greater bound includes the smaller ones.
        Certificate? best = null;
        foreach (IGrouping<int, int> bound in plan.BlocksWith(strategy).GroupBy(b => plan.OptionsOf(b).Preemptions).OrderBy(g => g.Key))
        {
            BlockResult?[] blocks = [.. bound.Select(result)];
            if (Array.Exists(blocks, b => b is { Failure: not null }))
            {
                return null;
            }

            if (!Array.TrueForAll(blocks, b => b is { Exhausted: true, Search: not null }))
            {
                break;
            }

            best = Make(plan, plan.Cells[cell], plan.OptionsOf(cell, bound.First()), [.. blocks.Select(b => b!.Search!)], [.. blocks.SelectMany(b => b!.Coverage)]);
        }

        return best;
    }

    private static Certificate Make(
        CampaignPlan plan, CampaignCell cell, ExplorationOptions options, SearchProgress[] searches, StrategyCoverage[] coverage)
    {
        bool cut = Array.Exists(searches, s => s.Cut);
        TraceSet? traces = options.Strategy == "exhaustive" ? null : StrategyCoverage.Union(coverage.Select(c => c.Traces));
        bool bounded = cut && searches[0].Bound is not null;
        var certificate = new Certificate
        {
            Test = cell.Test,
            Variant = cell.Variant,
            Strategy = options.Strategy,
            Memory = options.Memory,
            Preemptions = bounded ? searches[0].Bound : null,
            WeakAnswers = bounded && options.Memory.Machine.Model.StaleReads ? searches[0].WeakAnswers : null,
            MaxSteps = options.MaxSteps,
            Executions = searches.Sum(s => s.Executions),
            Classes = traces is { IsExact: true } ? traces.Count : null,
            Blocked = searches.Sum(s => s.Blocked),
            States = searches.Sum(s => s.States),
            Modules = plan.Modules,
            Digest = "",
        };
        ulong digest = traces is { IsExact: true }
            ? traces.Digest
            : Fnv.Hash($"{MemoryOptionsText.Format(options.Memory)} {certificate.Claim} {certificate.Executions} {certificate.States}");
        return certificate with { Digest = digest.ToString("x16", CultureInfo.InvariantCulture) };
    }
}
