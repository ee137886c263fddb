using Verify.Checker.Exploration;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

public class DepthFirstTests
{
    // main starts two threads of n events each (ThreadBegin and n-1 increments), then joins both.
    private static long CountSchedules(int increments, int preemptions)
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                int x = 0;
                void Body()
                {
                    for (int i = 0; i < increments; i++)
                    {
                        InterlockedShim.Increment(ref x, 0);
                    }
                }

                Program.InParallel(Body, Body);
            },
            new ExplorationOptions { Strategy = "dfs", Preemptions = preemptions, Schedules = 1_000_000 });
        Assert.True(result.Exhausted);
        return result.Schedules;
    }

    [Fact]
    public void Without_preemptions_only_the_order_at_blocking_points_is_left()
    {
        // main runs until it joins thread1; then either thread is next (2). If thread1 runs first, its end enables main: main or thread2
        // next (2), and main joins thread2, so one way on. If thread2 runs first, main still waits for thread1: 1.
        Assert.Equal(3, CountSchedules(increments: 1, preemptions: 0));
    }

    [Fact]
    public void Every_interleaving_is_tried_once_when_the_bound_is_large()
    {
        var seen = new HashSet<string>();
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var order = new List<int>();
                int x = 0;
                void Body(int who)
                {
                    InterlockedShim.Increment(ref x, 0);
                    order.Add(who);
                    InterlockedShim.Increment(ref x, 0);
                    order.Add(who);
                }

                Program.InParallel(() => Body(1), () => Body(2));
                seen.Add(string.Concat(order));
            },
            new ExplorationOptions { Strategy = "dfs", Preemptions = 20, Schedules = 1_000_000 });

        Assert.True(result.Exhausted);
        Assert.Equal(6, seen.Count); // C(4,2) interleavings of two pairs
    }

    [Fact]
    public void A_greater_bound_includes_the_smaller_ones()
    {
        long[] counts = [.. Enumerable.Range(0, 4).Select(b => CountSchedules(2, b))];

        Assert.Equal(counts.Order(), counts);
        Assert.Equal(4, counts.Distinct().Count());
    }

    [Fact]
    public void A_loop_that_spins_with_a_yield_is_finite()
    {
        int flag = 0;
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                flag = 0;
                Program.InParallel(
                    () =>
                    {
                        while (VolatileShim.Read(ref flag, 0) == 0)
                        {
                            ThreadShim.Yield(0);
                        }
                    },
                    () => VolatileShim.Write(ref flag, 1, 0));
            },
            new ExplorationOptions { Strategy = "dfs", Preemptions = 1, Schedules = 100_000, MaxSteps = 500 });

        Assert.True(result.Exhausted);
        Assert.Equal(0, result.Unfinished);
    }
}
