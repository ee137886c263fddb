using System.Text.Json;
using Verify.Checker.Exploration;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;
using Verify.Scenarios;

namespace Verify.Cli.Mutants;

/// <summary>What the schedules of a sound variant reach, and how long its executions are.</summary>
/// <param name="Scenario">Its scenario.</param>
/// <param name="Cell">Its name.</param>
/// <param name="Lines">As file:line.</param>
/// <param name="Methods">As in sites.</param>
/// <param name="Decisions">A schedule, on average.</param>
/// <param name="IsWrittenForMutants">The scenario was written because a defect survived: it is small, and about few lines.</param>
internal sealed record Reach(string Scenario, string Cell, HashSet<string> Lines, HashSet<string> Methods, double Decisions, bool IsWrittenForMutants);

/// <summary>Which scenario variants reach a place, so that a defect there is not looked for where it cannot show.</summary>
internal sealed class Coverage(IReadOnlyList<Reach> reaches)
{
    private const int Schedules = 24; // each member of the portfolio several times

    private sealed record Saved(ulong Seed, IReadOnlyDictionary<string, string> Modules, IReadOnlyList<Reach> Reaches);

    /// <summary>What <see cref="Measure"/> has found before in this build, from the file; or measures, and writes the file.</summary>
    internal static Coverage Load(string path, ulong seed, CancellationToken cancellation)
    {
        try
        {
            if (File.Exists(path) && JsonSerializer.Deserialize<Saved>(File.ReadAllText(path)) is { } saved
                && saved.Seed == seed && MutationBuild.DifferentIn(saved.Modules).Count == 0)
            {
                return new Coverage(saved.Reaches);
            }
        }
        catch (JsonException)
        {
            // Half of a file; measured again below.
        }

        IReadOnlyList<Reach> reaches = Measure(seed, cancellation);
        if (!cancellation.IsCancellationRequested)
        {
            File.WriteAllText(path, JsonSerializer.Serialize(new Saved(seed, MutationBuild.Current, reaches)));
        }

        return new Coverage(reaches);
    }

    // Explores every sound variant a little, without any defect.
    private static List<Reach> Measure(ulong seed, CancellationToken cancellation)
    {
        ScenarioSubject subject = ScenarioSubject.Load(plainAccesses: true); // else a method without an ordered access seems never to run
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
                [.. result.Sites.Select(s => Place(s.File, s.Line))],
                [.. result.Sites.Select(s => s.Method)],
                (double)result.Decisions / Math.Max(1, result.Schedules),
                scenario.Source.Contains("docs/mutation.md", StringComparison.Ordinal)));
        }

        return reaches;
    }

    /// <summary>
    /// The variants that reach a place, most promising first: the shortest executions of each scenario, the scenarios taking turns, since the variants
    /// of one scenario mostly show the same.
    /// </summary>
    internal IReadOnlyList<Reach> Of(MutationSite site)
    {
        // A statement that is moved need not have a site of its own; then its method is what must be reached.
        IEnumerable<Reach> near = reaches.Where(
            r => r.Lines.Contains(Place(site.File, site.Line)) || (IsMoved(site) && r.Methods.Contains(site.Mutation.Method)));
        return
        [
            .. near.GroupBy(r => r.Scenario)
                .SelectMany(g => g.OrderBy(r => r.Decisions).Select((r, turn) => (r, turn)))
                .OrderBy(x => x.turn).ThenBy(x => x.r.Decisions).Select(x => x.r),
        ];
    }

    private static string Place(string file, int line) => $"{file}:{line}";

    private static bool IsMoved(MutationSite site) => site.Mutation.Operator is "swap-stores" or "shrink-lock-start" or "shrink-lock-end";
}
