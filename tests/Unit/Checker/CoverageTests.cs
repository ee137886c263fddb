using System.Reflection;
using Mono.Cecil;
using Verify.Checker.Shims;
using Verify.Rewriter;
using Verify.Rewriter.Input;

namespace Verify.Tests.Unit.Checker;

/// <summary>No public member of a modelled type is forgotten: each is shimmed, passed through, or refused for a reason written here.</summary>
public class CoverageTests
{
    private const string Named = "shared with other processes";
    private const string Async = "async code is not modelled";
    private const string Gone = "throws PlatformNotSupportedException on .NET";
    private const string Context = "belongs to operating-system threads, which controlled threads share";
    private const string Handle = "the operating system's handle is out of the checker's sight";
    private const string RealTime = "counts in real time";

    internal static readonly Dictionary<string, string> Refused = new()
    {
        ["System.Threading.CancellationTokenRegistration.DisposeAsync()"] = Async,
        ["System.Threading.CancellationTokenSource.CancelAsync()"] = Async,
        ["System.Threading.CancellationTokenSource..ctor(System.TimeSpan,System.TimeProvider)"] = RealTime,
    };

    private static readonly (string Prefix, string Reason)[] s_refusedPrefixes =
    [
    ];

    public static TheoryData<string> ShimClasses =>
        [.. RewriteMap.Default.Where(t => t.GetCustomAttribute<ShimForAttribute>() is not null).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(ShimClasses))]
    public void Every_member_is_shimmed_passed_through_or_refused_for_a_reason(string shim)
    {
        Assert.Empty(Unmatched(shim).Where(m => Reason(m) is null));
    }

    internal static string? Reason(string member) =>
        Refused.GetValueOrDefault(member) ?? s_refusedPrefixes.FirstOrDefault(p => member.StartsWith(p.Prefix, StringComparison.Ordinal)).Reason;

    internal static IEnumerable<string> Unmatched(string shim)
    {
        using var resolver = new FrameworkResolver([]);
        RewriteMap map = RewriteMap.Create(RewriteMap.Default, resolver);
        Type framework = RewriteMap.Default.Single(t => t.Name == shim).GetCustomAttribute<ShimForAttribute>()!.Type;
        TypeDefinition type = resolver.Definition(framework);
        foreach (MethodDefinition method in type.Methods.Where(m => m.IsPublic && !(m.IsConstructor && m.IsStatic)))
        {
            if (map.Find(type, method, out _) is not (RewriteMap.Match.Shimmed or RewriteMap.Match.PassThrough))
            {
                yield return $"{type.FullName}.{method.Name}({string.Join(",", method.Parameters.Select(p => p.ParameterType.FullName))})";
            }
        }
    }
}
