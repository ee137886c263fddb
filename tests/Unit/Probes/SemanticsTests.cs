using System.Runtime.Loader;
using Verify.Checker.Exploration;

namespace Verify.Tests.Unit.Probes;

/// <summary>What one thread sees of a modelled type is what it sees of the real one: the same results, the same exceptions, for any sequence of calls.</summary>
/// <remarks>The sequences are the same in every run; VERIFY_FUZZ_SEED and VERIFY_FUZZ_SEQUENCES choose others and more.</remarks>
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
        var random = new Random(Setting("VERIFY_FUZZ_SEED", 1));
        for (int i = Setting("VERIFY_FUZZ_SEQUENCES", 150); i > 0; i--)
        {
            int[] calls = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(1000))];
            if (real(type, calls) != Told(calls))
            {
                calls = Shrink(calls, c => real(type, c) != Told(c));
                Assert.Equal(real(type, calls), Told(calls));
            }
        }

        string Told(int[] calls)
        {
            string told = "";
            ExplorationResult result = Explorer.Explore(() => told = modelled(type, calls), new ExplorationOptions { Schedules = 1, Strategy = "dfs" });
            return told.Length > 0 ? told : result.Failure?.Message ?? "";
        }
    }

    // Leaves out calls as long as it still fails.
    private static int[] Shrink(int[] calls, Predicate<int[]> fails)
    {
        for (int i = 0; i < calls.Length; i++)
        {
            int[] fewer = [.. calls[..i], .. calls[(i + 1)..]];
            if (fails(fewer))
            {
                return Shrink(fewer, fails);
            }
        }

        return calls;
    }

    private static int Setting(string name, int standard) => int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : standard;

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
