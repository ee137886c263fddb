using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

public class LivelockTests
{
    private static readonly ExplorationOptions s_short = new() { MaxSteps = 4000, Schedules = 20 };

    private static void Livelocked(Action test, params string[] told)
    {
        ExplorationResult result = Explorer.Explore(test, s_short);

        Assert.Equal(FailureKind.Livelock, result.Failure?.Kind);
        Assert.All(told, t => Assert.Contains(t, result.Failure!.Message));
        Assert.True(Replayer.Replay(test, result.Schedule!).Reproduced);
    }

    [Fact]
    public void Waiting_in_a_loop_for_what_nobody_does_is_a_livelock() => Livelocked(
        () =>
        {
            int flag = 0;
            object gate = new();
            Program.InParallel(
                () =>
                {
                    while (VolatileShim.Read(ref flag, 0) == 0)
                    {
                    }
                },
                () => Program.Lock(gate, () =>
                {
                    while (VolatileShim.Read(ref flag, 0) == 0)
                    {
                        MonitorShim.Wait(gate, 10, 0);
                    }
                }));
        },
        "thread1 goes round",
        "thread2 goes round",
        "main waits for the end of thread1");

    [Fact]
    public void Threads_that_change_things_and_give_way_for_ever_are_a_livelock() => Livelocked(() =>
    {
        int a = 0, b = 0;
        void Polite(bool first)
        {
            while (true)
            {
                VolatileShim.Write(ref first ? ref a : ref b, 1, 0);
                VolatileShim.Write(ref first ? ref a : ref b, 0, 0);
                ThreadShim.Yield(0);
            }
        }

        Program.InParallel(() => Polite(true), () => Polite(false));
    });

    [Fact]
    public void A_long_computation_beside_a_polite_waiter_is_none()
    {
        static void Test()
        {
            int n = 0;
            Program.InParallel(
                () =>
                {
                    while (InterlockedShim.Increment(ref n, 0) < 1_000_000)
                    {
                    }
                },
                () =>
                {
                    while (VolatileShim.Read(ref n, 0) < 1_000_000)
                    {
                        ThreadShim.Yield(0);
                    }
                });
        }

        ExplorationResult result = Explorer.Explore(Test, s_short with { Schedules = 2 });

        Assert.Null(result.Failure);
        Assert.Equal(2, result.Unfinished);
    }

    // PCT may give the spinner the highest priority for good; the fair tail lets the other thread go on.
    [Theory]
    [InlineData("pct")]
    [InlineData("surw")]
    [InlineData("portfolio")]
    public void A_spin_without_a_yield_ends_under_every_strategy(string strategy)
    {
        static void Test()
        {
            int flag = 0;
            Program.InParallel(
                () =>
                {
                    while (VolatileShim.Read(ref flag, 0) == 0)
                    {
                    }
                },
                () => VolatileShim.Write(ref flag, 1, 0));
        }

        ExplorationResult result = Explorer.Explore(Test, s_short with { Strategy = strategy, Schedules = 60 });

        Assert.Null(result.Failure);
        Assert.Equal(0, result.Unfinished);
    }
}
