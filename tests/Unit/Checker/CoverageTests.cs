using System.Reflection;
using Mono.Cecil;
using Verify.Checker.Shims;
using Verify.Checker.Tracing;
using Verify.Rewriter;
using Verify.Rewriter.Il;
using Verify.Rewriter.Input;

namespace Verify.Tests.Unit.Checker;

/// <summary>No public member of a modelled type is forgotten: each is shimmed, passed through, or refused for a reason that the table gives.</summary>
public class CoverageTests
{
    public static TheoryData<string> ShimClasses =>
        [.. RewriteMap.Default.Where(t => t.GetCustomAttribute<ShimForAttribute>() is not null).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(ShimClasses))]
    public void Every_member_is_shimmed_passed_through_or_refused_for_a_reason(string shim)
    {
        string[] forgotten = [.. Members(shim).Where(m => m.Match == RewriteMap.Match.NoShim && m.Refusal is null).Select(m => m.Signature)];
        Assert.True(forgotten.Length == 0, string.Join(Environment.NewLine, forgotten));
    }

    [Fact]
    public void Every_shim_class_is_in_the_map() =>
        Assert.Equal(
            // Counting written cache lines adds ArrayClearShim to the map (CacheLinesTests); exploring does not.
            typeof(ShimForAttribute).Assembly.GetTypes()
                .Where(t => t.GetCustomAttribute<ShimForAttribute>() is not null && t != typeof(ArrayClearShim)).Select(t => t.Name).Order(),
            ShimClasses.Select(r => r.Data).Order());

    /// <summary>The public members that the framework type declares itself, and what the rewriter does with a call of each.</summary>
    internal static IEnumerable<ModelledMember> Members(string shim)
    {
        using var resolver = new FrameworkResolver([]);
        RewriteMap map = RewriteMap.Create(RewriteMap.Default, resolver);
        TypeDefinition type = resolver.Definition(RewriteMap.Default.Single(t => t.Name == shim).GetCustomAttribute<ShimForAttribute>()!.Type);
        foreach (MethodDefinition method in type.Methods.Where(m => m.IsPublic && !(m.IsConstructor && m.IsStatic)))
        {
            string? refusal = UncontrolledMembers.Find(type, method) is { Harmless: false, IsNamespace: false } line ? line.Reason : null;
            yield return new ModelledMember(
                MemberNames.Table(type),
                method.IsConstructor ? "new" : MemberNames.WithoutAccessor(method.Name),
                string.Join(",", method.Parameters.Select(p => MemberNames.Table(p.ParameterType))),
                map.Find(type, method, out _),
                refusal);
        }
    }
}

/// <summary>A public member of a modelled type; <paramref name="Refusal"/> is the reason in the table, if the table has one.</summary>
internal sealed record ModelledMember(string Type, string Name, string Parameters, RewriteMap.Match Match, string? Refusal)
{
    internal string Signature => $"{Type}.{Name}({Parameters})";
}
