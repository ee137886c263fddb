using Verify.Checker.Campaigns;
using Verify.Cli.Subjects;
using Verify.Cli.Verbs;
using Verify.Engine.Dirty;
using Verify.Engine.Invalidation;
using Verify.Scenarios;

namespace Verify.Cli.Compare;

/// <summary>The soundness column: every scenario that takes a design, with that design, under every model asked for.</summary>
internal sealed class Exploration
{
    // As the scenarios about RCU name their sound variants.
    internal static readonly string[] RcuVariants = ["symmetric", "asymmetric", "two-phase"];

    private readonly Dictionary<string, List<(string Model, CellStatus Cell)>> _cells = [];
    private readonly string _output;
    private readonly HashSet<string> _models = [];

    private Exploration(string output) => _output = output;

    /// <summary>Explores; what is found is left as schedule files below the output folder, a folder a model.</summary>
    internal static Exploration Run(CampaignSettings settings, IReadOnlyList<string> models, IReadOnlyList<InvalidationEntry> strategies, CancellationToken cancellation)
    {
        var result = new Exploration(settings.Output);
        CampaignCell[] cells =
        [
            .. from design in strategies
               from scenario in ScenarioCatalog.All
               where scenario is IStrategyScenario takes && takes.AppliesTo(design)
               select new CampaignCell(scenario.Name, design.Name),
            .. from scenario in ScenarioCatalog.All
               from variant in scenario.Variants
               where DirtyMemoryCatalog.All.Any(d => d.Name == variant.Name) || RcuVariants.Contains(variant.Name)
               select new CampaignCell(scenario.Name, variant.Name),
        ];
        foreach (string model in models)
        {
            result._models.Add(model);
            CampaignSettings of = settings with
            {
                Output = Path.Combine(settings.Output, model),
                Options = settings.Options with { Memory = Checker.Runtime.MemoryOptions.For(model, Checker.Runtime.RaceMode.Off, false) },
            };
            CampaignState state = CampaignRun.Explore(of, cells, ScenarioSubject.Modules, null, plain => ScenarioSubject.Load(plain), cancellation);
            foreach (CellStatus cell in state.Statuses())
            {
                if (!result._cells.TryGetValue(cell.Cell.Variant, out List<(string, CellStatus)>? of2))
                {
                    result._cells.Add(cell.Cell.Variant, of2 = []);
                }

                of2.Add((model, cell));
            }

            if (cancellation.IsCancellationRequested)
            {
                break;
            }
        }

        return result;
    }

    /// <summary>What is known of a design.</summary>
    /// <param name="design">Its name.</param>
    /// <param name="flaw">What the catalogue holds against it, or null.</param>
    /// <param name="replay">What a replay command needs besides the file.</param>
    internal Soundness Of(string design, string? flaw, string replay = "")
    {
        List<(string Model, CellStatus Cell)> cells = _cells.GetValueOrDefault(design) ?? [];
        return new Soundness(
            cells.Sum(c => c.Cell.Schedules),
            [.. _models],
            [
                .. from c in cells
                   where c.Cell.Found is not null
                   orderby c.Cell.Schedules
                   select new FoundRace(
                       c.Cell.Cell.Test, c.Model, c.Cell.Found!.Failure!.Message, c.Cell.Schedules,
                       $"verify replay {Path.Combine(_output, c.Model, CampaignFile.ScheduleName(c.Cell.Cell.Name))}{replay}"),
            ],
            flaw,
            cells.Count(c => c.Cell.Verdict == "open"));
    }
}
