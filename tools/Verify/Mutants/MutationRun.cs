using System.Collections.Concurrent;
using Verify.Checker.Campaigns;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>Tries defects, each in a program of its own, in several processes.</summary>
internal static class MutationRun
{
    /// <summary>Calls <paramref name="done"/> for each defect as it is decided, in no order, under a lock.</summary>
    internal static void Execute(
        MutationPlan plan, int workers, IReadOnlyList<MutationSite> sites, Action<MutantResult> done, CancellationToken cancellation)
    {
        var coverage = Coverage.Measure(plan.Seed, cancellation);
        using var sound = new SoundVariants();
        var work = new ConcurrentQueue<MutationSite>(sites);
        object doneLock = new();
        Lanes.Run(
            [.. Enumerable.Range(0, workers).Select(processor => (Action)(() =>
            {
                using var trial = new MutationTrial(plan, coverage, sound, processor);
                while (!cancellation.IsCancellationRequested && work.TryDequeue(out MutationSite? site))
                {
                    if (trial.Decide(site, cancellation) is { } result)
                    {
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
