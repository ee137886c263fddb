using System.Text;
using Verify.Scenarios;

namespace Verify.Cli.Output;

/// <summary>The catalogue of scenarios as a Markdown page: docs/scenarios.md.</summary>
internal static class CatalogueDocument
{
    internal static string Make()
    {
        IReadOnlyList<Scenario> scenarios = ScenarioCatalog.All;
        ScenarioVariant[] variants = [.. scenarios.SelectMany(s => s.Variants)];
        var page = new StringBuilder();
        page.Append("# Scenarios\n\n");
        page.Append("Made by `verify list --markdown docs/scenarios.md` from the catalogue; a test compares.\n\n");
        page.Append($"{scenarios.Count} scenarios, {variants.Length} variants: {variants.Count(v => v.Expected == ExpectedVerdict.Clean)} expected clean, ");
        page.Append($"{variants.Count(v => v.Expected == ExpectedVerdict.Racy)} expected racy, of which {variants.Count(v => v.IsMutant)} are mutants ");
        page.Append("(one line of a sound design is wrong) and the others designs that history has refuted.\n");
        page.Append("\"racy from tso\" is clean under sequential consistency and must be found from total store order on; plain \"racy\" shows in an ");
        page.Append("interleaving.\nA racy variant must fail with the outcome named; another failure is a mismatch, as is none.\n");
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

    /// <summary>"clean", "racy", or "racy from" the first model that shows it.</summary>
    internal static string Verdict(ScenarioVariant variant) =>
        variant.Expected.ToString().ToLowerInvariant()
        + (variant.Expected == ExpectedVerdict.Racy && variant.RacyFrom > MemoryModelName.Sc ? " from " + variant.RacyFrom.ToString().ToLowerInvariant() : "");

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.');

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
