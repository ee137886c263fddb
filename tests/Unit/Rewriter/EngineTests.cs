using System.Reflection;
using Mono.Cecil;
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

    [Theory]
    [InlineData("Verify.Engine")]
    [InlineData("Verify.Scenarios")]
    public void Delays_are_put_where_control_would_be_and_the_synchronization_stays(string name)
    {
        string path = Assembly.Load(name).Location;

        RewriteResult controlled = AssemblyRewriter.RewriteSetInMemory([path], new RewriteOptions())[0].Result;
        RewrittenImage delayed = AssemblyRewriter.RewriteSetInMemory([path], new RewriteOptions { OnlyDelays = true })[0];

        var places = controlled.Sites.Select(s => (s.Method, s.Line)).ToHashSet();
        Assert.All(delayed.Result.Sites, s => Assert.Contains((s.Method, s.Line), places));
        Assert.InRange(delayed.Result.Sites.Count, controlled.Sites.Count * 8 / 10, controlled.Sites.Count); // delegates over members get none
        IlGate.AssertNoneBroken(name, File.ReadAllBytes(path), delayed.Pe);
        using var module = ModuleDefinition.ReadModule(new MemoryStream(delayed.Pe));
        string[] called = [.. module.GetMemberReferences().Where(m => m.DeclaringType.Name is "Monitor" or "MonitorShim").Select(m => m.DeclaringType.Name).Distinct()];
        Assert.Equal(["Monitor"], called);
    }
}
