using System.Reflection;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Engine.Rcu;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Tests.Unit.Rewriter;

namespace Verify.Tests.Unit.Memory;

/// <summary>The engine's RCU under the memory models: each fence that is left out is missed, and nothing else is.</summary>
public sealed class RcuModelTests : IDisposable
{
    // A reader holds what was published, and the writer "frees" it after a grace period.
    private const string Source =
        """
        using Verify.Engine.Rcu;
        sealed class AssertionException(string message) : Exception(message);
        static class RcuPrograms
        {
            private sealed class Held { public long freed; }

            public static void Reclaim<TVariant>() where TVariant : struct, IRcuVariant
            {
                using var rcu = new RcuDomain<TVariant>();
                var first = new Held();
                Held published = first;
                var reading = new Thread(() =>
                {
                    RcuReader<TVariant> reader = rcu.Register();
                    reader.Enter();
                    Held held = Volatile.Read(ref published);
                    bool freed = Volatile.Read(ref held.freed) != 0;
                    reader.Leave();
                    rcu.Unregister(reader);
                    if (freed)
                        throw new AssertionException("read after free");
                });
                reading.Start();
                Volatile.Write(ref published, new Held());
                rcu.Synchronize();
                Volatile.Write(ref first.freed, 1);
                reading.Join();
            }

            public static void Symmetric() => Reclaim<SymmetricRcu>();
            public static void TwoPhase() => Reclaim<TwoPhaseRcu>();
            public static void Asymmetric() => Reclaim<AsymmetricRcu>();
            public static void WithoutF1() => Reclaim<NoFenceAfterEnter>();
            public static void WithoutF2() => Reclaim<NoFenceAfterLeave>();
            public static void WithoutF3() => Reclaim<NoFenceBeforeScan>();

            VARIANTS
        }
        """;

    private const string Variant =
        """
        private readonly struct NAME : IRcuVariant
        {
            public void FenceAfterEnter() { Interlocked.MemoryBarrier(); }
            public void FenceAfterLeave() { Interlocked.MemoryBarrier(); }
            public void FenceBeforeScan() { Interlocked.MemoryBarrier(); }
            public void FenceAfterMarking() { Interlocked.MemoryBarrier(); }
            public int PhasesPerGracePeriod => 1;
            public long NextPhase(long current) => current + 2;
            public bool IsOutermost(int enclosing) => enclosing == 0;
        }

        """;

    private static readonly string s_folder = Directory.CreateTempSubdirectory("verify-rcu-").FullName;
    private static readonly Lazy<Assembly> s_program = new(Load);

    public void Dispose()
    {
        if (Directory.Exists(s_folder))
            Directory.Delete(s_folder, recursive: true);
    }

    [Theory]
    [InlineData("Symmetric", "tso")]
    [InlineData("Symmetric", "dotnet")]
    [InlineData("TwoPhase", "tso")]
    [InlineData("TwoPhase", "dotnet")]
    [InlineData("Asymmetric", "tso")]
    [InlineData("Asymmetric", "dotnet")]
    [InlineData("WithoutF3", "tso")] // F4 fences between the caller's store and the scan as well
    [InlineData("WithoutF1", "sc")]
    [InlineData("WithoutF2", "sc")]
    [InlineData("WithoutF3", "sc")]
    public void A_sound_variant_is_clean_and_sequential_consistency_hides_a_missing_fence(string program, string model)
    {
        ExplorationResult result = Explore(program, model, schedules: 250, RaceMode.Fail);
        Assert.True(result.Failure is null, $"{result.Failure?.Message}\n{result.Failure?.Details}");
    }

    [Theory]
    [InlineData("WithoutF1", "tso", FailureKind.Assertion)]
    [InlineData("WithoutF1", "dotnet", FailureKind.Assertion)]
    [InlineData("WithoutF2", "tso", FailureKind.Deadlock)]
    public void A_missing_fence_is_found_and_x86_can_show_it(string program, string model, FailureKind failure)
    {
        ExplorationResult result = Explore(program, model, schedules: 4000, RaceMode.Off);
        Assert.True(result.Failure is not null, $"nothing found in {result.Schedules} schedules");
        Assert.Equal(failure, result.Failure.Kind);
        Assert.True(result.Explanation!.Causes.Any(c => c.OnX86), result.Failure.Details);
    }

    private static ExplorationResult Explore(string program, string model, long schedules, RaceMode races) => Explorer.Explore(
        s_program.Value.GetType("RcuPrograms")!.GetMethod(program)!.CreateDelegate<Action>(),
        new ExplorationOptions { Strategy = "portfolio", Schedules = schedules, MaxSteps = 5000, Memory = MemoryOptions.For(model, races) });

    private static Assembly Load()
    {
        string engine = typeof(RcuReader).Assembly.Location;
        string variants = Variant.Replace("NAME", "NoFenceAfterEnter").Replace("FenceAfterEnter() { Interlocked.MemoryBarrier(); }", "FenceAfterEnter() { }")
            + Variant.Replace("NAME", "NoFenceAfterLeave").Replace("FenceAfterLeave() { Interlocked.MemoryBarrier(); }", "FenceAfterLeave() { }")
            + Variant.Replace("NAME", "NoFenceBeforeScan").Replace("FenceBeforeScan() { Interlocked.MemoryBarrier(); }", "FenceBeforeScan() { }");
        string source = Source.Replace("VARIANTS", variants).Replace("using Verify.Engine.Rcu;", "");
        Snippet snippet = Snippet.Compile("using Verify.Engine.Rcu; " + source, name: "RcuPrograms", references: File.ReadAllBytes(engine));
        string path = Path.Combine(s_folder, "RcuPrograms.dll");
        File.WriteAllBytes(path, snippet.Pe);
        var options = new RewriteOptions
        {
            PlainAccesses = true,
            AllowedUncontrolled = Verify.Cli.Subjects.ScenarioSubject.OutsideExecutions,
        };
        return RewrittenProgram.Load([engine, path], options).Assembly("RcuPrograms");
    }
}
