using System.Collections.Concurrent;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Cli.Subjects;
using Verify.Cli.Workers;
using Verify.Rewriter.Mutation;
using Verify.Scenarios;

namespace Verify.Cli.Mutants;

/// <summary>Tries defects, each in a program of its own, on the sound variants that reach its place.</summary>
internal static class MutationRun
{
    private const int MaxSteps = 20_000;
    private const int SchedulesOfCoverage = 24; // each member of the portfolio several times

    /// <summary>Calls <paramref name="done"/> for each defect as it is decided, in no order, under a lock.</summary>
    internal static void Execute(MutationPlan plan, IReadOnlyList<MutationSite> sites, Action<MutantResult> done, CancellationToken cancellation)
    {
        Reach[] reaches = Coverage(plan, cancellation);
        var work = new ConcurrentQueue<MutationSite>(sites);
        object doneLock = new();
        Lanes.Run(
            [.. Enumerable.Range(0, plan.Workers).Select(processor => (Action)(() =>
            {
                using var worker = new WorkerProcess(new LoadRequest(processor, null, PlainAccesses: false));
                while (!cancellation.IsCancellationRequested && work.TryDequeue(out MutationSite? site))
                {
                    if (Decide(plan, worker, processor, site, reaches, cancellation) is { } result)
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

    /// <summary>The lines that the schedules of a sound variant reach, and how long its executions are.</summary>
    private sealed record Reach(string Cell, HashSet<(string File, int Line)> Lines, HashSet<string> Methods, double Decisions);

    private static Reach[] Coverage(MutationPlan plan, CancellationToken cancellation)
    {
        ScenarioSubject subject = ScenarioSubject.Load(plainAccesses: false);
        var reaches = new List<Reach>();
        foreach ((Scenario scenario, ScenarioVariant variant) in ScenarioCatalog.All.SelectMany(s => s.Variants, (s, v) => (s, v)))
        {
            if (variant.Expected != ExpectedVerdict.Clean)
            {
                continue;
            }

            string cell = ScenarioSubject.Cell(scenario.Name, variant.Name);
            ExplorationResult result = Explorer.Explore(
                subject.Body(cell),
                new ExplorationOptions { Strategy = "portfolio", Schedules = SchedulesOfCoverage, Seed = plan.Seed, MaxSteps = MaxSteps, CollectSites = true },
                cancellation: cancellation);
            if (result.Failure is { } failure)
            {
                throw new InputException($"{cell} fails without any defect ({failure.Message}); see `verify check --scenario {scenario.Name}`");
            }

            reaches.Add(new Reach(
                cell,
                [.. result.Sites.Select(s => (s.File, s.Line))],
                [.. result.Sites.Select(s => s.Method)],
                (double)result.Decisions / Math.Max(1, result.Schedules)));
        }

        return [.. reaches];
    }

    private static MutantResult? Decide(
        MutationPlan plan, WorkerProcess worker, int processor, MutationSite site, Reach[] reaches, CancellationToken cancellation)
    {
        // A statement that is moved need not have a site of its own; then its method is what must be reached. Shortest executions first.
        Reach[] near =
        [
            .. reaches.Where(r => r.Lines.Contains((site.File, site.Line)) || (IsMoved(site) && r.Methods.Contains(site.Mutation.Method)))
                .OrderBy(r => r.Decisions),
        ];
        if (near.Length == 0)
        {
            return new MutantResult(site, Fate.NotReached, "", "", 0, 0);
        }

        long schedules = 0;
        try
        {
            worker.Load(new LoadRequest(processor, null, PlainAccesses: false, site.Mutation));
            foreach (Reach reach in near)
            {
                BlockResult? result = worker.Run(
                    reach.Cell,
                    new ExplorationOptions { Strategy = "portfolio", Schedules = plan.Schedules, Seed = plan.Seed, MaxSteps = MaxSteps },
                    null,
                    cancellation);
                if (result is null)
                {
                    return null; // interrupted: nothing is known
                }

                schedules += result.Schedules;
                if (result.Failure is { } failure)
                {
                    bool invalid = failure.Message.Contains(nameof(InvalidProgramException), StringComparison.Ordinal)
                        || failure.Message.Contains(nameof(TypeLoadException), StringComparison.Ordinal);
                    return new MutantResult(
                        site, invalid ? Fate.Invalid : Fate.Killed, reach.Cell, $"{failure.Kind}: {failure.Message}", schedules, near.Length);
                }

                // Given up for good at the step bound: threads that go round in circles.
                if (result.Unfinished > 0)
                {
                    return new MutantResult(site, Fate.Killed, reach.Cell, $"{FailureKind.StepBound}: no end within {MaxSteps} steps", schedules, near.Length);
                }
            }
        }
        catch (InputException e)
        {
            return new MutantResult(site, Fate.Invalid, "", e.Message, schedules, near.Length);
        }

        return new MutantResult(site, Fate.Survived, "", "", schedules, near.Length);
    }

    private static bool IsMoved(MutationSite site) => site.Mutation.Operator is "swap-stores" or "shrink-lock-start" or "shrink-lock-end";
}
