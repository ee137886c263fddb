using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Rewriter;
using Verify.Tests.Unit.Rewriter;

namespace Verify.Tests.Unit.Memory;

/// <summary>C# of a few lines, compiled, rewritten with the checker's own shims, plain accesses included, and explored.</summary>
internal sealed class WeakProgram
{
    private const string Prelude =
        """
        sealed class AssertionException(string message) : Exception(message);
        static class T
        {
            public static void Run(params ThreadStart[] bodies)
            {
                Thread[] threads = Array.ConvertAll(bodies, b => new Thread(b));
                foreach (Thread t in threads) t.Start();
                foreach (Thread t in threads) t.Join();
            }
            public static void Never(bool condition) { if (condition) throw new AssertionException("it happened"); }
        }

        """;

    private static readonly RewriteOptions s_options = new() { PlainAccesses = true };

    private readonly Action _body;

    private WeakProgram(Action body) => _body = body;

    internal Action Body => _body;

    /// <summary>The members of a class C, with a static method M to run. Line 1 is its first line.</summary>
    internal static WeakProgram Of(string members)
    {
        Rewritten program = Rewritten.Source("unsafe class C {\n#line 1\n" + members + "\n}\n#line 1000\n" + Prelude, s_options);
        Assert.DoesNotContain(program.Result.Report, r => r.Outcome == SiteOutcome.Refused);
        System.Reflection.MethodInfo method = program.Assembly.GetType("C", throwOnError: true)!
            .GetMethod("M", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!;
        return new WeakProgram(method.CreateDelegate<Action>());
    }

    internal ExplorationResult Explore(
        string model, RaceMode races = RaceMode.Off, string strategy = "portfolio", long schedules = 1000, bool plainPoints = false) =>
        Explorer.Explore(
            _body,
            new ExplorationOptions
            {
                Strategy = strategy,
                Schedules = schedules,
                MaxSteps = 2000,
                Memory = MemoryOptions.For(model, races, plainPoints),
            });

    internal ExplorationResult Finds(string model, RaceMode races = RaceMode.Off)
    {
        ExplorationResult result = Explore(model, races, schedules: 4000);
        Assert.True(result.Failure is not null, $"not found under {model} in {result.Schedules} schedules");
        return result;
    }

    internal void IsClean(string model, long schedules = 1000)
    {
        ExplorationResult result = Explore(model, schedules: schedules);
        Assert.True(result.Failure is null, $"under {model}: {result.Failure?.Message} {result.Failure?.Details}");
    }
}
