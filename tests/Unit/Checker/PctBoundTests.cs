using Verify.Checker.Exploration;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

/// <summary>The probability bound of the PCT paper, over many seeds.</summary>
public class PctBoundTests
{
    // Depth 2 of "Random Scheduler with Guarantees", figure 1(b) in shape: thread 2 must run between two adjacent events of thread 1.
    private static void DepthTwo()
    {
        int x = 0, y = 0;
        bool hit = false;
        Program.InParallel(
            () =>
            {
                InterlockedShim.Increment(ref y, 0);
                InterlockedShim.Increment(ref y, 0);
                VolatileShim.Write(ref x, 1, 0);
                VolatileShim.Write(ref x, 0, 0);
                InterlockedShim.Increment(ref y, 0);
            },
            () => hit = VolatileShim.Read(ref x, 0) == 1);
        Program.Assert(!hit, "between the two writes");
    }

    private static double Frequency(Action body, int depth, int seeds)
    {
        int found = 0;
        for (int seed = 0; seed < seeds; seed++)
        {
            // The second execution knows the length k from the first, which uses the assumed one; a failure in either counts for its own.
            ExplorationResult result = Explorer.Explore(
                body, new ExplorationOptions { Strategy = "pct", Depth = depth, Seed = (ulong)seed, Schedules = 2 });
            found += result is { Failure: not null, Schedules: 2 } ? 1 : 0;
        }

        return (double)found / seeds;
    }

    [Fact]
    public void A_bug_of_depth_two_is_hit_at_least_as_often_as_the_bound_says()
    {
        const int Seeds = 4000;
        const int Threads = 3; // with main
        const int Steps = 15;  // ThreadBegin x3, two starts, two joins, six events of thread 1 without its begin is 5, one of thread 2: at most 15

        double frequency = Frequency(DepthTwo, depth: 2, Seeds);

        // 1/(n*k) = 1/45 = 0.0222; four standard deviations of 4,000 trials are 0.0093.
        Assert.True(frequency > (1.0 / (Threads * Steps)) - 0.0093, $"hit in {frequency:P2} of the runs");
    }

    [Fact]
    public void Depth_one_never_preempts_so_it_never_finds_a_bug_of_depth_two()
    {
        Assert.Equal(0, Frequency(DepthTwo, depth: 1, 500));
    }

    [Fact]
    public void Start_priorities_are_an_unbiased_permutation()
    {
        var orders = new Dictionary<string, int>();
        for (int seed = 0; seed < 6000; seed++)
        {
            string order = "";
            Explorer.Explore(
                () =>
                {
                    order = "";
                    int x = 0;
                    void Body(int who)
                    {
                        InterlockedShim.Increment(ref x, 0);
                        order += who;
                    }

                    // main's own priority matters to who starts first, so the threads wait until all three exist.
                    object gate = new();
                    MonitorShim.Enter(gate, 0);
                    Thread[] threads = [.. Enumerable.Range(1, 3).Select(i => ThreadShim.Create(new ThreadStart(() => Program.Lock(gate, () => Body(i))), 0))];
                    foreach (Thread thread in threads)
                    {
                        ThreadShim.Start(thread, 0);
                    }

                    MonitorShim.Exit(gate, 0);
                    foreach (Thread thread in threads)
                    {
                        ThreadShim.Join(thread, 0);
                    }
                },
                new ExplorationOptions { Strategy = "pct", Depth = 1, Seed = (ulong)seed, Schedules = 1 });
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        // Six orders of 1,000 each; standard deviation 29, so 6 sigma is 173. Coyote's shuffle fails this by far.
        Assert.Equal(6, orders.Count);
        Assert.All(orders.Values, n => Assert.InRange(n, 827, 1173));
    }
}
