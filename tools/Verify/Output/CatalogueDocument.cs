using System.Text;
using Verify.Cli.Mutants;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;
using Verify.Scenarios;

namespace Verify.Cli.Output;

/// <summary>The catalogue of scenarios as a Markdown page: docs/scenarios.md.</summary>
internal static class CatalogueDocument
{
    internal static string Make()
    {
        IReadOnlyList<Scenario> scenarios = ScenarioCatalog.All;
        var page = new StringBuilder();
        page.Append("# Scenarios\n\n");
        page.Append("Made by `verify list --markdown docs/scenarios.md` from the catalogue; a test compares.\n\n");
        page.Append(Counts()).Append(' ');
        page.Append("(one line of a sound design is wrong) and the others designs that history has refuted.\n");
        page.Append("\"racy from tso\" is clean under sequential consistency and must be found from total store order on; plain \"racy\" shows in an ");
        page.Append("interleaving.\nA racy variant must fail with the outcome named; another failure is a mismatch, as is none.\n");
        page.Append($"\n{Mutations()} ([mutation.md](mutation.md)).\n");
        page.Append($"\n{HazardList.All.Count} hazards are in the catalogue of races.md; {HazardList.WithScenario.Count} of them have a scenario or a variant that names them. ");
        page.Append("The others:\n\n| hazard | why it has none |\n|---|---|\n");
        foreach (string hazard in HazardList.All.Where(h => !HazardList.WithScenario.Contains(h)))
        {
            page.Append($"| {hazard} | {Cell(HazardList.WithoutScenario[hazard])} |\n");
        }

        foreach (Scenario scenario in scenarios)
        {
            page.Append($"\n## {scenario.Name}\n\n{Sentence(scenario.Summary)}. Source: {scenario.Source}.\n\n");
            page.Append("| variant | expected | why | outcome |\n|---|---|---|---|\n");
            foreach (ScenarioVariant variant in scenario.Variants)
            {
                page.Append($"| {variant.Name}{(variant.IsMutant ? " (mutant)" : "")} | {Verdict(variant)} | {Cell(variant.Reason)} | ");
                page.Append(variant.Outcome is null ? "|\n" : Cell(variant.Outcome.Replace("|", " or ", StringComparison.Ordinal)) + " |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>Scenarios, variants and mutants in a sentence.</summary>
    internal static string Counts()
    {
        ScenarioVariant[] variants = [.. ScenarioCatalog.All.SelectMany(s => s.Variants)];
        return $"{ScenarioCatalog.All.Count} scenarios, {variants.Length} variants: {variants.Count(v => v.Expected == ExpectedVerdict.Clean)} expected clean, "
            + $"{variants.Count(v => v.Expected == ExpectedVerdict.Racy)} expected racy, of which {variants.Count(v => v.IsMutant)} are mutants";
    }

    /// <summary>Places where <c>verify mutate</c> puts a defect in, and what the last run over all of them found, in a sentence.</summary>
    internal static string Mutations() =>
        $"`verify mutate` puts {MutationCatalog.All.Count} kinds of defect into the engine at {MutationCatalog.Sites(ScenarioSubject.EnginePath).Count} places, one at a "
        + $"time; the last run over all of them: {MutationRecord.Last}";

    /// <summary>"clean", "racy", or "racy from" the first model that shows it.</summary>
    internal static string Verdict(ScenarioVariant variant) =>
        variant.Expected.ToString().ToLowerInvariant()
        + (variant.Expected == ExpectedVerdict.Racy && variant.RacyFrom > MemoryModelName.Sc ? " from " + variant.RacyFrom.ToString().ToLowerInvariant() : "");

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.');

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
