using System.Diagnostics;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Cli.Workers;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>Tries one defect after the other on the variants that reach its place; one a lane.</summary>
internal sealed class MutationTrial(MutationPlan plan, Coverage coverage, KillHistory history, SoundVariants sound, int processor) : IDisposable
{
    internal const int MaxSteps = 20_000;

    // Of one variant under one model, round by round: a little everywhere finds most, and what is hard gets more.
    private static readonly int[] s_rounds = [20, 60, 200, 600, 2000];

    // How many rounds come first: of what killed the place before, of what killed its neighbours, of one variant of each scenario that was written because
    // something survived.
    private const int RoundsOfKiller = 4, RoundsOfNeighbour = 2, RoundsOfWritten = 3;

    private readonly WorkerProcess _mutated = new(new LoadRequest(processor, null));

    /// <summary>Null when interrupted: nothing is known then.</summary>
    internal MutantResult? Decide(MutationSite site, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        return DecideIt(site, cancellation) is { } result ? result with { Seconds = Math.Round(clock.Elapsed.TotalSeconds, 2) } : null;
    }

    private MutantResult? DecideIt(MutationSite site, CancellationToken cancellation)
    {
        IReadOnlyList<Reach> near = coverage.Of(site);
        if (near.Count == 0)
        {
            return new MutantResult(site, Fate.NotReached, "", "", "", 0, 0);
        }

        long schedules = 0;
        try
        {
            _mutated.Load(new LoadRequest(processor, null, site.Mutation));
            foreach ((Reach reach, ExplorationOptions options) in Steps(site, near))
            {
                if (schedules >= plan.Schedules)
                {
                    break;
                }

                ExplorationOptions limited = options with { Schedules = Math.Min(options.Schedules, plan.Schedules - schedules) };
                if (_mutated.Run(reach.Cell, limited, null, cancellation) is not { } result)
                {
                    return null;
                }

                schedules += result.Schedules;
                if (Killed(result) is not { } message)
                {
                    continue;
                }

                if (IsInvalid(message))
                {
                    return new MutantResult(site, Fate.Invalid, reach.Cell, "", message, schedules, near.Count);
                }

                switch (sound.Is(reach.Cell, limited with { Schedules = result.Schedules }, cancellation))
                {
                    case null:
                        return null;
                    case true:
                        return new MutantResult(
                            site, Fate.Killed, reach.Cell, MemoryOptionsText.Format(limited.Memory), message, schedules, near.Count);
                    default:
                        continue; // it fails without the defect too
                }
            }
        }
        catch (InputException e)
        {
            return new MutantResult(site, Fate.Invalid, "", "", e.Message, schedules, near.Count);
        }

        return new MutantResult(site, Fate.Survived, "", "", "", schedules, near.Count);
    }

    public void Dispose() => _mutated.Dispose();

    /// <summary>What says that the result is a failure, or null. Given up for good at the step bound are threads that go round in circles.</summary>
    internal static string? Killed(BlockResult result) =>
        result.Failure is { } failure ? $"{failure.Kind}: {failure.Message}"
        : result.Unfinished > 0 ? $"{FailureKind.StepBound}: no end within {MaxSteps} steps"
        : null;

    private IEnumerable<(Reach Reach, ExplorationOptions Options)> Steps(MutationSite site, IReadOnlyList<Reach> near)
    {
        var tried = new HashSet<(string Cell, string Under, int Round)>();
        foreach ((Reach reach, MemoryOptions memory, int round) in Promising(site, near).Concat(Written(site, near)).Concat(All(site, near)))
        {
            if (tried.Add((reach.Cell, MemoryOptionsText.Format(memory), round)))
            {
                yield return (reach, new ExplorationOptions
                {
                    Strategy = "portfolio",
                    Schedules = s_rounds[round],
                    Seed = plan.Seed + (ulong)round,
                    MaxSteps = MaxSteps,
                    Memory = memory,
                });
            }
        }
    }

    private IEnumerable<(Reach Reach, MemoryOptions Memory, int Round)> Promising(MutationSite site, IReadOnlyList<Reach> near)
    {
        IReadOnlyList<MemoryOptions> under = Under(site);
        if (history.Of(site.Mutation) is { } kill && near.FirstOrDefault(r => r.Cell == kill.Cell) is { } killer)
        {
            MemoryOptions? same = under.FirstOrDefault(m => MemoryOptionsText.Format(m) == kill.Under);
            for (int round = 0; same is not null && round < RoundsOfKiller; round++)
            {
                yield return (killer, same, round);
            }
        }

        Reach[] neighbours = [.. history.Near(site.Mutation).Select(cell => near.FirstOrDefault(r => r.Cell == cell)).OfType<Reach>()];
        for (int round = 0; round < RoundsOfNeighbour; round++)
        {
            foreach (Reach reach in neighbours)
            {
                foreach (MemoryOptions memory in under)
                {
                    yield return (reach, memory, round);
                }
            }
        }
    }

    private static IEnumerable<(Reach Reach, MemoryOptions Memory, int Round)> Written(MutationSite site, IReadOnlyList<Reach> near) =>
        from round in Enumerable.Range(0, RoundsOfWritten)
        from reach in near.Where(r => r.IsWrittenForMutants).DistinctBy(r => r.Scenario)
        from memory in Under(site)
        select (reach, memory, round);

    private static IEnumerable<(Reach Reach, MemoryOptions Memory, int Round)> All(MutationSite site, IReadOnlyList<Reach> near) =>
        from round in Enumerable.Range(0, s_rounds.Length) from reach in near from memory in Under(site) select (reach, memory, round);

    private static IReadOnlyList<MemoryOptions> Under(MutationSite site) => MutationCatalog.All.First(o => o.Name == site.Mutation.Operator).Under;

    private static bool IsInvalid(string message) =>
        message.Contains(nameof(InvalidProgramException), StringComparison.Ordinal) || message.Contains(nameof(TypeLoadException), StringComparison.Ordinal);
}
