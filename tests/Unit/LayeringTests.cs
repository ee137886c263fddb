using System.Reflection;

namespace Verify.Tests.Unit;

/// <summary>Executes the picture in ARCHITECTURE.md: who may refer to whom.</summary>
public class LayeringTests
{
    [Theory]
    [InlineData("Verify.Engine", new string[] { })]
    [InlineData("Verify.Checker", new string[] { })]
    [InlineData("Verify.Scenarios", new[] { "Verify.Engine" })]
    [InlineData("Verify.Rewriter", new[] { "Verify.Checker" })]
    public void An_assembly_refers_only_to_the_layers_below_it(string assembly, string[] allowed)
    {
        IEnumerable<string> ours = Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(a => a.Name!).Where(n => n.StartsWith("Verify.", StringComparison.Ordinal));

        Assert.Empty(ours.Except(allowed));
    }
}
