using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Rewriter;
using Verify.Rewriter.Loading;

namespace Verify.Tests.Unit.Probes;

/// <summary>A small C# program that goes through the whole pipeline: compiled, rewritten, loaded and explored.</summary>
/// <remarks>
/// The source is the members of a static class; each public static void method without parameters is a test. <c>Run(a, b, …)</c> runs
/// bodies in parallel and joins them, <c>Check(condition)</c> asserts.
/// </remarks>
internal sealed class Probe
{
    private const string Prelude = """
        #pragma warning disable
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices;
        using System.Threading;
        using System.Threading.Tasks;

        public sealed class ProbeAssertionException(string message) : Exception(message);

        public static unsafe class Probe
        {
            static void Run(params Action[] bodies)
            {
                var threads = bodies.Select(b => new Thread(() => b())).ToArray();
                foreach (var t in threads) t.Start();
                foreach (var t in threads) t.Join();
            }

            static void Check(bool condition, string message = "violated")
            {
                if (!condition) throw new ProbeAssertionException(message);
            }

        #line 1 "Probe.cs"

        """;

    private static readonly Lazy<MetadataReference[]> s_framework = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal))
            .Select(p => MetadataReference.CreateFromFile(p)),
    ]);

    private static readonly ConcurrentDictionary<string, Lazy<Probe>> s_built = new();

    private readonly Type _type;

    private Probe(RewrittenProgram program)
    {
        Program = program;
        _type = program.Assembly(program.Results[0].Assembly).GetType("Probe")!;
    }

    internal RewrittenProgram Program { get; }

    /// <summary>Built once per source.</summary>
    internal static Probe Of(string members) => s_built.GetOrAdd(members, m => new Lazy<Probe>(() => Build(m, new RewriteOptions()))).Value;

    internal static Probe Build(string members, RewriteOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("probe").FullName;
        try
        {
            return new Probe(RewrittenProgram.Load([Compile(members, folder)], options));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Compiles into a file of the folder and returns its path.</summary>
    internal static string Compile(string members, string folder)
    {
        var compilation = CSharpCompilation.Create(
            "Probe" + Guid.NewGuid().ToString("N")[..8],
            [CSharpSyntaxTree.ParseText(SourceText.From(Prelude + members + "\n}\n", System.Text.Encoding.UTF8), path: "Probe.cs")],
            s_framework.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, optimizationLevel: OptimizationLevel.Release));
        string path = Path.Combine(folder, compilation.AssemblyName + ".dll");
        string pdb = Path.ChangeExtension(path, ".pdb");
        using (FileStream image = File.Create(path), symbols = File.Create(pdb))
        {
            EmitResult result = compilation.Emit(
                image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb, pdbFilePath: pdb));
            Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        }

        return path;
    }

    internal Action Body(string test)
    {
        MethodInfo method = _type.GetMethod(test, BindingFlags.Public | BindingFlags.Static)
            ?? throw new InvalidOperationException($"the probe has no test {test}");
        return method.CreateDelegate<Action>();
    }

    internal ExplorationResult Explore(string test, ExplorationOptions options) => Explorer.Explore(Body(test), options);

    /// <summary>Every strategy named must find it, with that verdict, within the number of schedules.</summary>
    internal Failure Finds(string test, FailureKind verdict, long within = 500, ExplorationOptions? options = null)
    {
        Failure? last = null;
        foreach (string strategy in (string[])["random", "pct"])
        {
            ExplorationResult result = Explore(test, (options ?? new ExplorationOptions()) with { Strategy = strategy, Schedules = within });
            Assert.True(result.Failure is not null, $"{strategy} found nothing in {within} schedules of {test}");
            Assert.True(result.Failure!.Kind == verdict, $"{strategy} on {test}: {result.Failure.Kind}: {result.Failure.Message}\n{result.Failure.Details}");
            last = result.Failure;
        }

        return last!;
    }

    /// <summary>No strategy finds anything in that many schedules.</summary>
    internal void IsClean(string test, long schedules = 500, ExplorationOptions? options = null)
    {
        foreach (string strategy in (string[])["random", "pct"])
        {
            ExplorationResult result = Explore(test, (options ?? new ExplorationOptions()) with { Strategy = strategy, Schedules = schedules });
            Assert.True(result.Failure is null, $"{strategy} on {test}: {result.Failure?.Kind}: {result.Failure?.Message}\n{result.Failure?.Details}");
            Assert.Equal(0, result.Unfinished);
            Assert.Equal(schedules, result.Schedules);
        }
    }

    /// <summary>Every outcome of a method <c>public static string</c>, over all schedules with at most that many preemptions.</summary>
    internal SortedSet<string> Outcomes(string test, int preemptions = 10)
    {
        Func<string> body = _type.GetMethod(test, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Func<string>>();
        return Checker.Program.Outcomes(body, preemptions);
    }
}
