using System.Reflection;
using System.Runtime.Loader;
using Verify.Rewriter;
using Verify.Rewriter.Loading;

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
    public void The_planted_race_is_found_in_a_rewritten_assembly() => SelfCheck.Run([Load(new RewriteOptions { PlantRace = true })]);

    [Fact]
    public void An_assembly_that_is_not_the_rewritten_one_fails() =>
        Assert.Contains("not the one that was rewritten", Assert.Throws<RewriteException>(() => SelfCheck.Run([Load(new RewriteOptions())])).Message);

    // Shims that record and do not control: two real threads race, and nobody schedules them.
    [Fact]
    public void Shims_that_do_not_control_fail() => Assert.Contains(
        "was not found",
        Assert.Throws<RewriteException>(() => SelfCheck.Run([Load(Rewritten.TestOptions with { PlantRace = true })])).Message);
}
