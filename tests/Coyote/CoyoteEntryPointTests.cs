using System.Reflection;
using Verify.Scenarios;

namespace Verify.Tests.Coyote;

/// <summary>The entry points for the real coyote tool cover the catalogue, whether or not Microsoft.Coyote is there to mark them.</summary>
public class CoyoteEntryPointTests
{
    [Fact]
    public void Every_variant_of_every_scenario_has_an_entry_point()
    {
        var expected = ScenarioCatalog.All.SelectMany(s => s.Variants.Select(v => PascalCase(s.Name) + "." + PascalCase(v.Name)));
        var actual = typeof(CoyoteEntryPoints.FlushVsLastTb).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static).Select(m => t.Name + "." + m.Name));

        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    private static string PascalCase(string name) =>
        string.Concat(name.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
