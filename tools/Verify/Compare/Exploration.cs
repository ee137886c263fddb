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

    private readonly CampaignSettings _settings;
    private readonly ILookup<string, CellStatus> _cells; // by design

    private Exploration(CampaignSettings settings, CampaignState state)
    {
        _settings = settings;
        _cells = state.Statuses().ToLookup(c => c.Cell.Variant);
    }

    /// <summary>Explores; what is found is left as schedule files in the output folder.</summary>
    internal static Exploration Run(CampaignSettings settings, IReadOnlyList<InvalidationEntry> strategies, CancellationToken cancellation)
    {
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
        CampaignState state = CampaignRun.Explore(settings, _ => cells, ProgramUnderTest.Scenarios, cancellation);
        return new Exploration(settings, state);
    }

    /// <summary>What is known of a design.</summary>
    /// <param name="design">Its name.</param>
    /// <param name="flaw">What the catalogue holds against it, or null.</param>
    /// <param name="replay">What a replay command needs besides the file.</param>
    internal Soundness Of(string design, string? flaw, string replay = "")
    {
        CellStatus[] cells = [.. _cells[design]];
        return new Soundness(
            cells.Sum(c => c.Schedules),
            _settings.Models,
            [
                .. from c in cells
                   where c.Found is not null
                   orderby c.Schedules
                   select new FoundRace(
                       c.Cell.Test, c.Cell.Model.Length == 0 ? _settings.Models[0] : c.Cell.Model, c.Found!.Failure!.Message, c.Schedules,
                       $"verify replay {Path.Combine(_settings.Output, CampaignFile.ScheduleName(c.Cell.Name))}{replay}"),
            ],
            flaw,
            cells.Count(c => c.Verdict == "open"));
    }
}
