using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Rewriter;
using Verify.Rewriter.Loading;

namespace Verify.Tests.Unit.Probes;

/// <summary>A small C# program that goes through the whole pipeline: compiled, rewritten, loaded and explored.</summary>
/// <remarks>
/// The source is a part of the class Probe, or its members; each public static void method without parameters is a test.
/// <c>Run(a, b, …)</c> runs bodies in parallel and joins them, <c>Check(condition)</c> asserts.
/// </remarks>
internal sealed class Probe
{
    private const string Prelude = """
        #pragma warning disable
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Runtime.CompilerServices;
        global using System.Runtime.InteropServices;
        global using System.Threading;
        global using System.Threading.Tasks;

        public sealed class ProbeAssertionException(string message) : Exception(message);

        public static unsafe partial class Probe
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
        }
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

    /// <summary>The names of the programs in the folder Programs.</summary>
    internal static IEnumerable<string> Names => typeof(Probe).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith("Probes/", StringComparison.Ordinal)).Select(n => n["Probes/".Length..]).Order();

    /// <summary>The source of one of them.</summary>
    internal static string Source(string name) => Text("Probes/" + name);

    internal static string Text(string resource)
    {
        using var reader = new StreamReader(typeof(Probe).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    internal static Probe Build(string members, RewriteOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("probe").FullName;
        try
        {
            return Load(Compile(members, folder), options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static Probe Load(string path, RewriteOptions? options = null) => new(RewrittenProgram.Load([path], options ?? new RewriteOptions()));

    /// <summary>Compiles into a file of the folder and returns its path.</summary>
    internal static string Compile(string members, string folder)
    {
        var compilation = CSharpCompilation.Create(
            "Probe" + Guid.NewGuid().ToString("N")[..8],
            [Parse(Prelude, "Prelude.cs"), Parse(members.Contains("partial class Probe", StringComparison.Ordinal) ? members : Part(members), "Probe.cs")],
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

    private static string Part(string members) => "#pragma warning disable\npublic static unsafe partial class Probe\n{\n#line 1\n" + members + "\n}\n";

    private static SyntaxTree Parse(string text, string path) =>
        CSharpSyntaxTree.ParseText(SourceText.From(text, System.Text.Encoding.UTF8), path: path);

    internal Action Body(string test)
    {
        MethodInfo method = _type.GetMethod(test, BindingFlags.Public | BindingFlags.Static)
            ?? throw new InvalidOperationException($"the probe has no test {test}");
        return method.CreateDelegate<Action>();
    }

    internal T Delegate<T>(string method, params Type[] parameters)
        where T : Delegate => _type.GetMethod(method, parameters)!.CreateDelegate<T>();

    internal ExplorationResult Explore(string test, ExplorationOptions options) => Explorer.Explore(Body(test), options);

    /// <summary>The portfolio must find it, with that verdict, within the number of schedules; and its schedule must bring it back.</summary>
    internal Failure Finds(string test, FailureKind verdict, long within = 4000, ExplorationOptions? options = null)
    {
        ExplorationResult result = Explore(test, (options ?? Fast) with { Strategy = "portfolio", Schedules = within });
        Assert.True(result.Failure is not null, $"nothing found in {within} schedules of {test}");
        Assert.True(result.Failure!.Kind == verdict, $"{test}: {result.Failure.Kind}: {result.Failure.Message}\n{result.Failure.Details}");
        ReplayResult again = Replayer.Replay(Body(test), result.Schedule!);
        Assert.True(again.Reproduced, $"{test} does not replay: {again.Divergence}");
        return result.Failure;
    }

    /// <summary>The portfolio finds nothing in that many schedules.</summary>
    internal void IsClean(string test, long schedules = 500, ExplorationOptions? options = null)
    {
        ExplorationResult result = Explore(test, (options ?? Fast) with { Strategy = "portfolio", Schedules = schedules });
        Assert.True(result.Failure is null, $"{test}: {result.Failure?.Kind}: {result.Failure?.Message}\n{result.Failure?.Details}");
        Assert.Equal(0, result.Unfinished);
        Assert.Equal(schedules, result.Schedules);
    }

    private static ExplorationOptions Fast => new() { MaxSteps = 5000 };

    /// <summary>Every outcome of a method <c>public static string</c>, over all schedules with at most that many preemptions.</summary>
    internal SortedSet<string> Outcomes(string test, int preemptions = 10)
    {
        Func<string> body = _type.GetMethod(test, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Func<string>>();
        return Checker.Program.Outcomes(body, preemptions);
    }
}
