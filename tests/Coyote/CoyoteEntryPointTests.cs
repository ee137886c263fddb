using System.Reflection;
using Verify.Cli.Output;
using Verify.Scenarios;

namespace Verify.Tests.Coyote;

/// <summary>What is generated from the catalogue and checked in is what the catalogue generates.</summary>
public class CoyoteEntryPointTests
{
    private const string Regenerate =
        "regenerate with: dotnet run -c Release --project tools/Verify -- list --entry-points tests/Coyote/EntryPoints --markdown docs/scenarios.md";

    [Fact]
    public void The_entry_points_are_those_the_catalogue_generates()
    {
        string folder = Path.Combine(Repository.Folder, "tests", "Coyote", "EntryPoints");
        var expected = ScenarioCatalog.All.ToDictionary(s => EntryPointSource.PascalCase(s.Name) + EntryPointSource.Suffix, EntryPointSource.Of);
        var actual = Directory.EnumerateFiles(folder, "*" + EntryPointSource.Suffix).ToDictionary(f => Path.GetFileName(f), File.ReadAllText);

        Assert.True(
            expected.Keys.Order().SequenceEqual(actual.Keys.Order()) && expected.All(e => actual[e.Key] == e.Value),
            "the entry points differ from the catalogue; " + Regenerate);
    }

    [Fact]
    public void The_page_of_scenarios_is_the_one_the_catalogue_generates() =>
        Assert.True(
            File.ReadAllText(Path.Combine(Repository.Folder, "docs", "scenarios.md")) == CatalogueDocument.Make(),
            "docs/scenarios.md differs from the catalogue; " + Regenerate);

    [Fact]
    public void Every_variant_of_every_scenario_has_a_public_entry_point()
    {
        var expected = ScenarioCatalog.All.SelectMany(
            s => s.Variants.Select(v => EntryPointSource.PascalCase(s.Name) + "." + EntryPointSource.PascalCase(v.Name)));
        var actual = typeof(CoyoteEntryPoints.FlushVsLastTb).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static).Select(m => t.Name + "." + m.Name));

        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }
}
