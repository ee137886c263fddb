using System.Reflection;
using System.Runtime.Loader;
using Mono.Cecil;
using Verify.Checker.Exploration;
using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Litmus;

/// <summary>A litmus test compiled to a class of its own, rewritten as any program under test is, and explored as any is.</summary>
public sealed class CompiledLitmus
{
    private static int s_compiled;

    private readonly LitmusRun _run;
    private readonly Action _body;

    private CompiledLitmus(LitmusTest test, LitmusRun run, Action body)
    {
        Test = test;
        _run = run;
        _body = body;
    }

    /// <summary>The test.</summary>
    public LitmusTest Test { get; }

    /// <summary>Compiles tests into one assembly and rewrites it.</summary>
    /// <exception cref="LitmusFormatException">A test has no counterpart in C#; the message says why.</exception>
    public static IReadOnlyList<CompiledLitmus> Compile(IReadOnlyList<LitmusTest> tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        string name = "litmus" + Interlocked.Increment(ref s_compiled);
        using AssemblyDefinition assembly = AssemblyDefinition.CreateAssembly(
            new AssemblyNameDefinition(name, new Version(1, 0)), name, ModuleKind.Dll);
        var members = new LitmusMembers(assembly.MainModule);
        var runs = new LitmusRun[tests.Count];
        for (int i = 0; i < tests.Count; i++)
        {
            runs[i] = new LitmusRun(tests[i]);
            LitmusRun.Offer($"{name}/{i}", runs[i]);
            assembly.MainModule.Types.Add(new LitmusEmitter(tests[i], "Test" + i, members).Emit($"{name}/{i}"));
        }

        using var pe = new MemoryStream();
        assembly.Write(pe);
        RewrittenImage image = AssemblyRewriter.RewriteInMemory(name + ".dll", pe.ToArray(), null, new RewriteOptions { PlainAccesses = true });
        Assembly loaded = new AssemblyLoadContext(name).LoadFromStream(new MemoryStream(image.Pe));
        return
        [
            .. tests.Select((test, i) => new CompiledLitmus(
                test, runs[i], loaded.GetType("Litmus.Test" + i, throwOnError: true)!.GetMethod("M")!.CreateDelegate<Action>())),
        ];
    }

    /// <summary>Every outcome of the test under the options, which become those of an exhaustive search: complete slots, no bounds.</summary>
    /// <param name="options">Model and variants.</param>
    /// <param name="most">Most executions.</param>
    /// <param name="cancellation">Ends the search early.</param>
    public LitmusExploration Explore(MemoryModelOptions options, long most = long.MaxValue, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Run("exhaustive", Exhaustively(options), seed: 1, most, cancellation);
    }

    /// <summary>Outcomes of that many executions chosen by a strategy; writes are delayed, not placed in slots.</summary>
    public LitmusExploration Sample(string strategy, MemoryModelOptions options, ulong seed, long executions) =>
        Run(strategy, options, seed, executions, default);

    private MemoryModelOptions Exhaustively(MemoryModelOptions options) => options with
    {
        Placement = Placement.Complete,
        History = 4 + Test.Threads.Sum(t => t.Operations.Count),
        Horizon = 1L << 32,
        StaleBound = int.MaxValue,
    };

    private LitmusExploration Run(string strategy, MemoryModelOptions options, ulong seed, long most, CancellationToken cancellation)
    {
        var outcomes = new LitmusOutcomes(Test);
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                _body();
                outcomes.Record(_run.State);
            },
            new ExplorationOptions
            {
                Strategy = strategy,
                Seed = seed,
                Schedules = most,
                Memory = new MemoryOptions { Machine = options, PlainPoints = true },
            },
            cancellation: cancellation);
        if (result.Failure is { Kind: not FailureKind.Deadlock } failure)
            throw new InvalidOperationException($"{Test.Name}: {failure.Message}{Environment.NewLine}{failure.Details}");
        return new LitmusExploration(
            Test, options, outcomes.ToFormatted(), outcomes.ConditionReached, result.Schedules, result.Failure is null ? 0 : 1, 0)
        {
            IsComplete = result.Exhausted,
        };
    }
}
