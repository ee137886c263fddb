using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;
using Verify.Checker.Runtime;
using Verify.Rewriter;
using Verify.Tests.Unit.Rewriter.Shims;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>A snippet rewritten with the test shims and loaded.</summary>
internal sealed class Rewritten
{
    internal static readonly RewriteOptions TestOptions = new()
    {
        ShimTypes =
        [
            typeof(VolatileShim), typeof(InterlockedShim), typeof(MonitorShim), typeof(ThreadShim), typeof(SpinLockShim), typeof(ThreadLocalShim<>),
            typeof(AsyncLocalShim), typeof(SemaphoreSlimShim), typeof(EnvironmentShim),
            typeof(AbortShim), typeof(UncontrolledShim), typeof(PlainShim),
        ],
    };

    private Rewritten(RewrittenImage image)
    {
        Image = image;
        var context = new AssemblyLoadContext("Rewritten", isCollectible: true);
        context.Resolving += (_, name) =>
            AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == name.Name && !a.IsCollectible);
        Assembly = context.LoadFromStream(
            new MemoryStream(image.Pe), image.Pdb is null ? null : new MemoryStream(image.Pdb));
    }

    internal RewrittenImage Image { get; }

    internal RewriteResult Result => Image.Result;

    internal Assembly Assembly { get; }

    internal static Rewritten Source(
        string source, RewriteOptions? options = null, OptimizationLevel optimization = OptimizationLevel.Release) =>
        Of(Snippet.Compile(source, DebugInformationFormat.PortablePdb, optimization), options);

    internal static Rewritten Of(Snippet snippet, RewriteOptions? options = null) =>
        new(AssemblyRewriter.RewriteInMemory("Snippet.dll", snippet.Pe, snippet.Pdb, options ?? TestOptions));

    /// <summary>Calls a static method and gives what it returned and the sites that its shims saw.</summary>
    internal (object? Result, IReadOnlyList<Site> Sites) Run(string method = "M", string type = "C", params object?[] arguments)
    {
        MethodInfo found = Assembly.GetType(type, throwOnError: true)!
            .GetMethod(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        object? result = null;
        IReadOnlyList<Site> sites = Recorder.During(() => result = found.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null));
        return (result, sites);
    }

    /// <summary>The sites as <c>line operation</c>.</summary>
    internal static string[] Lines(IEnumerable<Site> sites) => [.. sites.Select(s => s.Line + " " + s.Operation)];
}
