using Verify.Checker.Exploration;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;
using Verify.Scenarios;

namespace Verify.Cli.Mutants;

/// <summary>The lines that the schedules of a sound variant reach, and how long its executions are.</summary>
internal sealed record Reach(string Scenario, string Cell, HashSet<(string File, int Line)> Lines, HashSet<string> Methods, double Decisions);

/// <summary>Which scenario variants reach a place, so that a defect there is not looked for where it cannot show.</summary>
internal sealed class Coverage(IReadOnlyList<Reach> reaches)
{
    private const int Schedules = 24; // each member of the portfolio several times

    /// <summary>Explores every sound variant a little, without any defect.</summary>
    internal static Coverage Measure(ulong seed, CancellationToken cancellation)
    {
        ScenarioSubject subject = ScenarioSubject.Load(plainAccesses: false);
        var reaches = new List<Reach>();
        foreach ((Scenario scenario, ScenarioVariant variant) in ScenarioCatalog.All.SelectMany(s => s.Variants, (s, v) => (s, v)))
        {
            if (variant.Expected != ExpectedVerdict.Clean || cancellation.IsCancellationRequested)
            {
                continue;
            }

            string cell = ScenarioSubject.Cell(scenario.Name, variant.Name);
            ExplorationResult result = Explorer.Explore(
                subject.Body(cell),
                new ExplorationOptions { Strategy = "portfolio", Schedules = Schedules, Seed = seed, MaxSteps = MutationTrial.MaxSteps, CollectSites = true },
                cancellation: cancellation);
            if (result.Failure is { } failure)
            {
                throw new InputException($"{cell} fails without any defect ({failure.Message}); see `verify check --scenario {scenario.Name}`");
            }

            reaches.Add(new Reach(
                scenario.Name,
                cell,
                [.. result.Sites.Select(s => (s.File, s.Line))],
                [.. result.Sites.Select(s => s.Method)],
                (double)result.Decisions / Math.Max(1, result.Schedules)));
        }

        return new Coverage(reaches);
    }

    /// <summary>
    /// The variants that reach a place, most promising first: the shortest executions of each scenario, the scenarios taking turns, since the variants
    /// of one scenario mostly show the same.
    /// </summary>
    internal IReadOnlyList<Reach> Of(MutationSite site)
    {
        // A statement that is moved need not have a site of its own; then its method is what must be reached.
        IEnumerable<Reach> near = reaches.Where(
            r => r.Lines.Contains((site.File, site.Line)) || (IsMoved(site) && r.Methods.Contains(site.Mutation.Method)));
        return
        [
            .. near.GroupBy(r => r.Scenario)
                .SelectMany(g => g.OrderBy(r => r.Decisions).Select((r, turn) => (r, turn)))
                .OrderBy(x => x.turn).ThenBy(x => x.r.Decisions).Select(x => x.r),
        ];
    }

    private static bool IsMoved(MutationSite site) => site.Mutation.Operator is "swap-stores" or "shrink-lock-start" or "shrink-lock-end";
}
