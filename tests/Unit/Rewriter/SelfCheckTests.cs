using System.Reflection;
using System.Runtime.Loader;
using Verify.Checker.Testing;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>The self check fails when anything between the rewriter and the verdict is broken.</summary>
public class SelfCheckTests
{
    private static Assembly Load(RewriteOptions options)
    {
        Snippet snippet = Snippet.Compile("public class C { }");
        RewrittenImage image = AssemblyRewriter.RewriteInMemory("Snippet.dll", snippet.Pe, snippet.Pdb, options);
        return new AssemblyLoadContext("planted", isCollectible: true).LoadFromStream(new MemoryStream(image.Pe));
    }

    [Fact]
    public void The_planted_race_is_found_in_a_rewritten_assembly() =>
        Assert.Null(SelfCheck.Problem(Load(new RewriteOptions { PlantRace = true })));

    [Fact]
    public void An_assembly_that_is_not_the_rewritten_one_fails() =>
        Assert.Contains("not the one that was rewritten", SelfCheck.Problem(Load(new RewriteOptions())));

    // Shims that record and do not control: two real threads race, and nobody schedules them.
    [Fact]
    public void Shims_that_do_not_control_fail() => Assert.Contains(
        "was not found",
        SelfCheck.Problem(Load(Rewritten.TestOptions with { PlantRace = true })));
}
