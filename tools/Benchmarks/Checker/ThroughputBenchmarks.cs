using BenchmarkDotNet.Attributes;
using Verify.Checker.Exploration;
using Verify.Checker.Shims;

namespace Verify.Benchmarks.Checker;

/// <summary>Scheduling decisions a second: the shapes of Shuttle's own benchmarks and of checker.md 3.4. One operation is one decision or one execution.</summary>
[Config(typeof(ShortConfig))]
[MemoryDiagnoser]
public class ThroughputBenchmarks
{
    private const int NarrowDecisions = 10_015 * 20;
    private const int WideDecisions = 10_300 * 5;
    private const int LockExecutions = 2_000;
    private const int LongDecisions = 1_000_000;

    private sealed class Counter
    {
        internal int Value;
    }

    /// <summary>Five threads of 2,000 increments: few switches under PCT, one at almost every step under random walk.</summary>
    [Benchmark(OperationsPerInvoke = NarrowDecisions)]
    [Arguments("pct")]
    [Arguments("random")]
    public long Narrow(string strategy) => Explore(() => Increments(5, 2000), strategy, 20);

    /// <summary>A hundred threads of 100 increments.</summary>
    [Benchmark(OperationsPerInvoke = WideDecisions)]
    [Arguments("pct")]
    [Arguments("random")]
    public long Wide(string strategy) => Explore(() => Increments(100, 100), strategy, 5);

    /// <summary>Whole executions of two threads that enter one lock once.</summary>
    [Benchmark(OperationsPerInvoke = LockExecutions)]
    [Arguments("pct")]
    [Arguments("random")]
    public long TwoThreadsOneLock(string strategy) => Explore(OneLock, strategy, LockExecutions);

    /// <summary>One execution of a million decisions, two threads: a decision must cost what it costs in a short one.</summary>
    [Benchmark(OperationsPerInvoke = LongDecisions)]
    [Arguments("pct")]
    [Arguments("random")]
    public long Long(string strategy) => Explore(() => Increments(2, LongDecisions / 2), strategy, 1);

    /// <summary>The same whole executions with their classes counted, as campaigns do.</summary>
    [Benchmark(OperationsPerInvoke = LockExecutions)]
    [Arguments("random")]
    public long TwoThreadsOneLockCounted(string strategy) => Explore(OneLock, strategy, LockExecutions, countTraces: true);

    private static long Explore(Action body, string strategy, long schedules, bool countTraces = false)
    {
        ExplorationResult result = Explorer.Explore(
            body,
            new ExplorationOptions { Strategy = strategy, Schedules = schedules, MaxSteps = 2 * LongDecisions, CountTraces = countTraces });
        return result.Failure is null ? result.Decisions : throw new InvalidOperationException(result.Failure.Message);
    }

    private static void Increments(int threads, int each)
    {
        var counter = new Counter();
        Run(threads, () =>
        {
            for (int i = 0; i < each; i++)
            {
                InterlockedShim.Increment(ref counter.Value, 0);
            }
        });
    }

    private static void OneLock()
    {
        object gate = new();
        Run(2, () =>
        {
            MonitorShim.Enter(gate, 0);
            MonitorShim.Exit(gate, 0);
        });
    }

    private static void Run(int threads, ThreadStart body)
    {
        var all = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            all[i] = ThreadShim.Create(body, 0);
            ThreadShim.Start(all[i], 0);
        }

        foreach (Thread thread in all)
        {
            ThreadShim.Join(thread, 0);
        }
    }
}
