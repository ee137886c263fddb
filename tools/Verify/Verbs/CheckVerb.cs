using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Checker.MemoryModels;
using Verify.Cli.Output;
using Verify.Cli.Subjects;
using Verify.Engine.Invalidation;
using Verify.Scenarios;

namespace Verify.Cli.Verbs;

/// <summary><c>verify check</c>: every scenario in every variant, and whether the verdict is the expected one.</summary>
internal static class CheckVerb
{
    internal static Command Make()
    {
        var scenario = new Option<string?>("--scenario") { Description = "Only this scenario." };
        var variant = new Option<string?>("--variant") { Description = "Only this variant." };
        var strategy = new Option<string?>("--strategy")
        {
            Description = "Put a strategy of your own into the scenarios instead of their variants: path.dll:TypeName.",
        };
        var arguments = new CampaignArguments(schedules: 4000, [.. MemoryModel.All.Select(m => m.Name)], budget: TimeSpan.FromSeconds(120));
        var command = new Command(
            "check",
            "Rewrites the engine and the scenarios and explores every scenario in every variant under every memory model, for two minutes; --schedules N "
            + "explores exactly so many instead. Exit code 1: a verdict is not the expected one, or an expected failure was not found.\n\nExample: verify check --scenario flush-vs-last-tb --variant global-flag --explore pct")
        {
            scenario, variant, strategy,
        };
        arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(
            Run(parsed.GetValue(scenario), parsed.GetValue(variant), parsed.GetValue(strategy), arguments.Read(parsed), cancellation)));
        return command;
    }

    private static int Run(string? scenario, string? variant, string? strategy, CampaignSettings settings, CancellationToken cancellation)
    {
        settings = settings with { Formats = [.. settings.Formats.Append("html").Distinct()] };
        IReadOnlyList<Scenario> scenarios = scenario is null ? ScenarioCatalog.All : [ScenarioCatalog.Find(scenario)];
        if (strategy is null && variant is not null && scenarios.All(s => s.Variants.All(v => v.Name != variant)))
        {
            string near = NearestNames.List(variant, ScenarioCatalog.All.SelectMany(s => s.Variants, (_, v) => v.Name));
            _ = scenario is not null ? scenarios[0].Find(variant) : throw new InputException($"no scenario has a variant '{variant}'; {near}; `verify list` names all");
        }

        IReadOnlyList<CampaignCell> CellsUnder(string model)
        {
            MemoryModelName name = Enum.Parse<MemoryModelName>(model, ignoreCase: true);
            return strategy is not null
                ? CellsOf(strategy, scenarios, name)
                : [.. scenarios.SelectMany(s => s.Variants, (s, v) => CellOf(s, v.Name, v, name)).Where(c => variant is null || c.Variant == variant)];
        }

        CampaignState state = CampaignRun.Execute(settings, CellsUnder, ProgramUnderTest.Scenarios, cancellation);
        if (!settings.Json && scenario is null && variant is null && strategy is null)
        {
            Console.WriteLine($"{CatalogueDocument.Counts()}.\n{CatalogueDocument.Mutations()}.");
        }

        return CampaignRun.Report("check", state, settings, file => "verify replay " + file + (strategy is null ? "" : " --strategy " + strategy), cancellation);
    }

    private static CampaignCell CellOf(Scenario scenario, string name, ScenarioVariant variant, MemoryModelName model) =>
        new(scenario.Name, name, variant.ExpectedUnder(model).ToString().ToLowerInvariant(), variant.Outcome ?? "");

    private static CampaignCell[] CellsOf(string strategy, IReadOnlyList<Scenario> scenarios, MemoryModelName model)
    {
        InvalidationEntry design = StrategyLoader.TryLoad(strategy)
            ?? throw new InputException($"'{strategy}' is not a strategy of your own; write path.dll:TypeName, or choose one of ours with --variant");
        return [.. scenarios.Where(s => s is IStrategyScenario t && t.AppliesTo(design)).Select(s => CellOf(s, strategy, ((IStrategyScenario)s).VariantOf(design), model))];
    }
}
