using System.Collections.Concurrent;
using Verify.Checker.Campaigns;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>Tries defects, each in a program of its own, in several processes.</summary>
internal static class MutationRun
{
    /// <summary>Calls <paramref name="done"/> for each defect as it is decided, in no order, under a lock.</summary>
    /// <param name="plan">What is spent on a defect.</param>
    /// <param name="workers">Processes.</param>
    /// <param name="sites">The defects.</param>
    /// <param name="hints">What was decided before: tells where to look first, and nothing else.</param>
    /// <param name="coverageFile">Where to keep which variant reaches what, for the next run of this build.</param>
    /// <param name="done">Called for each.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static void Execute(
        MutationPlan plan, int workers, IReadOnlyList<MutationSite> sites, IEnumerable<MutantResult> hints, string coverageFile, Action<MutantResult> done,
        CancellationToken cancellation)
    {
        var coverage = Coverage.Load(coverageFile, plan.Seed, cancellation);
        var history = new KillHistory();
        foreach (MutantResult hint in hints)
        {
            history.Learn(hint);
        }

        using var sound = new SoundVariants();
        var work = new ConcurrentQueue<MutationSite>(sites);
        object doneLock = new();
        Lanes.Run(
            [.. Enumerable.Range(0, workers).Select(processor => (Action)(() =>
            {
                using var trial = new MutationTrial(plan, coverage, history, sound, processor);
                while (!cancellation.IsCancellationRequested && work.TryDequeue(out MutationSite? site))
                {
                    if (trial.Decide(site, cancellation) is { } result)
                    {
                        history.Learn(result);
                        lock (doneLock)
                        {
                            done(result);
                        }
                    }
                }
            }))],
            work.Clear);
    }
}
