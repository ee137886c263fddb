using System.Reflection;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>The project's own subject, with the checker's own shims.</summary>
public class EngineTests
{
    [Theory]
    [InlineData("Verify.Engine", false)]
    [InlineData("Verify.Engine", true)]
    [InlineData("Verify.Scenarios", false)]
    public void Every_method_of_the_subject_still_compiles_and_its_redirected_calls_have_lines(string name, bool plain)
    {
        string path = Assembly.Load(name).Location;
        var options = new RewriteOptions { PlainAccesses = plain };

        RewrittenImage image = AssemblyRewriter.RewriteSetInMemory([path], options)[0];

        Assert.All(
            image.Result.Report.Where(
                r => r.Outcome == SiteOutcome.Controlled && r.Member.StartsWith("System.Threading.", StringComparison.Ordinal)),
            r => Assert.True(r.Line > 0, r.ToString()));
        IlGate.AssertNoneBroken(name, File.ReadAllBytes(path), image.Pe);
    }
}
