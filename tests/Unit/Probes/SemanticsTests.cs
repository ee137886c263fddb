using System.Runtime.Loader;
using FsCheck;
using FsCheck.Fluent;
using Verify.Checker.Exploration;

namespace Verify.Tests.Unit.Probes;

/// <summary>What one thread sees of a modelled type is what it sees of the real one: the same results, the same exceptions, for any sequence of calls.</summary>
public class SemanticsTests
{
    private static readonly Lazy<(Func<string, int[], string> Real, Func<string, int[], string> Modelled)> s_programs = new(Build);

    public static TheoryData<string> Types =>
    [
        "OfMonitor", "OfLock", "OfSemaphoreSlim", "OfSemaphore", "OfMutex", "OfManualResetEvent", "OfAutoResetEvent", "OfEventWaitHandle", "OfWaitHandle",
        "OfManualResetEventSlim", "OfCountdownEvent", "OfBarrier", "OfBarrierWithAction", "OfReaderWriterLockSlim", "OfReaderWriterLockSlimRecursive", "OfSpinLock",
        "OfSpinLockWithoutOwner", "OfCancellation", "OfLazy", "OfLazyPublicationOnly", "OfLazyUnsafe", "OfThreadLocal", "OfLazyInitializer", "OfInterlocked", "OfThread",
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Any_sequence_of_calls_answers_as_the_real_type_does(string type)
    {
        (Func<string, int[], string> real, Func<string, int[], string> modelled) = s_programs.Value;
        Prop.ForAll(Arb.From(Gen.Choose(0, 999).ArrayOf(), Shrink), calls =>
        {
            string told = "";
            ExplorationResult result = Explorer.Explore(() => told = modelled(type, calls), new ExplorationOptions { Schedules = 1, Strategy = "dfs" });
            Assert.True(told.Length > 0 || calls.Length == 0, result.Failure?.Message);
            Assert.Equal(real(type, calls), told);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(120).WithEndSize(25).WithQuietOnSuccess(true));
    }

    private static IEnumerable<int[]> Shrink(int[] calls) => Enumerable.Range(0, calls.Length).Select(i => (int[])[.. calls[..i], .. calls[(i + 1)..]]);

    private static (Func<string, int[], string> Real, Func<string, int[], string> Modelled) Build()
    {
        string folder = Directory.CreateTempSubdirectory("probe").FullName;
        string path = Probe.Compile(Probe.Text("Single/Semantics"), folder);
        var context = new AssemblyLoadContext("real");
        using var image = new MemoryStream(File.ReadAllBytes(path));
        Type type = context.LoadFromStream(image).GetType("Probe")!;
        var real = type.GetMethod("Run", [typeof(string), typeof(int[])])!.CreateDelegate<Func<string, int[], string>>();
        Func<string, int[], string> modelled = Probe.Load(path).Delegate<Func<string, int[], string>>("Run", typeof(string), typeof(int[]));
        Directory.Delete(folder, recursive: true);
        return (real, modelled);
    }
}
