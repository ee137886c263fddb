using System.CommandLine;
using System.Text.Json;
using Verify.Checker.Exploration;
using Verify.Cli.Output;
using Verify.Engine.Invalidation;
using Verify.Scenarios;

namespace Verify.Cli.Verbs;

/// <summary><c>verify list</c>: what there is to check and to choose from.</summary>
internal static class ListVerb
{
    internal static Command Make()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var entryPoints = new Option<string?>("--entry-points") { Description = "Write the coyote tool's entry points, a C# file a scenario, to this folder." };
        var markdown = new Option<string?>("--markdown") { Description = "Write the scenarios as a Markdown page to this file." };
        var command = new Command(
            "list",
            "Lists scenarios with their variants, invalidation strategies and exploration strategies.\n\nExample: verify list --json")
        {
            json, entryPoints, markdown,
        };
        command.SetAction(parsed => Run(parsed.GetValue(json), parsed.GetValue(entryPoints), parsed.GetValue(markdown)));
        return command;
    }

    private static int Run(bool json, string? entryPoints, string? markdown)
    {
        if (entryPoints is not null)
        {
            EntryPointSource.Write(entryPoints);
        }

        if (markdown is not null)
        {
            File.WriteAllText(markdown, CatalogueDocument.Make());
        }

        return entryPoints is null && markdown is null ? Run(json) : ExitCodes.Expected;
    }

    private static int Run(bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    scenarios = ScenarioCatalog.All.Select(s => new
                    {
                        name = s.Name,
                        summary = s.Summary,
                        source = s.Source,
                        variants = s.Variants.Select(v => new
                        {
                            name = v.Name,
                            expected = v.Expected.ToString(),
                            racyFrom = v.Expected == ExpectedVerdict.Racy ? v.RacyFrom.ToString() : null,
                            reason = v.Reason,
                            mutant = v.IsMutant,
                            outcome = v.Outcome,
                        }),
                    }),
                    strategies = InvalidationCatalog.All.Select(s => new { name = s.Name, summary = s.Summary }),
                    exploration = StrategyCatalog.All.Select(s => new { name = s.Name, summary = s.Summary }),
                },
                Output.Json.Options));
            return ExitCodes.Expected;
        }

        Console.WriteLine("Scenarios (verify check --scenario NAME --variant NAME):");
        foreach (Scenario scenario in ScenarioCatalog.All)
        {
            Console.WriteLine($"  {scenario.Name,-28} {scenario.Summary}  [{scenario.Source}]");
            foreach (ScenarioVariant variant in scenario.Variants)
            {
                Console.WriteLine($"    {variant.Name,-28} {CatalogueDocument.Verdict(variant),-16} {variant.Reason}");
            }
        }

        Console.WriteLine();
        Console.WriteLine("Invalidation strategies (verify run FILE.elf --strategy NAME):");
        foreach (var strategy in InvalidationCatalog.All)
        {
            Console.WriteLine($"  {strategy.Name,-28} {strategy.Summary}");
        }

        Console.WriteLine();
        Console.WriteLine("Exploration strategies (verify check --explore NAME):");
        foreach (StrategyCatalog.Entry strategy in StrategyCatalog.All)
        {
            Console.WriteLine($"  {strategy.Name,-28} {strategy.Summary}");
        }

        Console.WriteLine();
        Console.WriteLine($"{CatalogueDocument.Counts()}.\n{CatalogueDocument.Mutations()}.");
        return ExitCodes.Expected;
    }
}
