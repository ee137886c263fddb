using FsCheck;
using FsCheck.Fluent;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Shims;
using Verify.Checker.Shrinking;
using Verify.Tests.Unit.Checker;
using Verify.Tests.Unit.Sct;

namespace Verify.Tests.Unit.Shrinking;

public class ShrinkerTests
{
    private static Schedule Find(Action body, ulong seed, string strategy = "random") => Explorer.Explore(
        body, new ExplorationOptions { Strategy = strategy, Seed = seed, Schedules = 20_000 }).Schedule!;

    public static TheoryData<string> Small =>
        ["account", "bluetooth", "deadlock01", "lazy01", "stack", "wronglock", "twostage", "reorder_3", "token_ring"];

    [Theory]
    [MemberData(nameof(Small))]
    public void What_is_left_fails_in_the_same_way_and_no_schedule_with_fewer_preemptions_fails(string name)
    {
        Action body = SctTests.Rewritten[name];
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            Schedule found = Find(body, seed);

            ShrinkResult result = Shrinker.Shrink(body, found);

            Assert.Null(result.Refused);
            Assert.True(result.Minimal);
            Assert.True(result.After.CompareTo(result.Before) <= 0);
            ReplayResult again = Replayer.Replay(body, result.Schedule);
            Assert.True(again.Reproduced);
            Assert.Equal(found.Failure.Kind, again.Failure!.Kind);

            if (result.After.Preemptions > 0)
            {
                // All schedules with fewer preemptions: the strongest form of "none can be dropped".
                ExplorationResult fewer = Explorer.Explore(body, new ExplorationOptions
                {
                    Strategy = "dfs", Preemptions = result.After.Preemptions - 1, Schedules = 100_000,
                });
                Assert.True(fewer.Failure is null, $"{name}, seed {seed}: {result.After}, but fewer do too");
            }
        }
    }

    [Fact]
    public void An_answer_that_the_failure_needs_stays_and_the_others_go()
    {
        object gate = new();
        Action body = () =>
        {
            // Both waits may time out at once; only the second one's doing so is the failure.
            bool first = false, second = true;
            Program.Lock(gate, () => first = MonitorShim.Wait(gate, 10, 0));
            Program.InParallel(
                () => Program.Lock(gate, () => second = MonitorShim.Wait(gate, 1000, 0)),
                () => Program.Lock(gate, () => MonitorShim.Pulse(gate, 0)));
            Program.Assert(second, "timed out");
        };
        foreach (ulong seed in Enumerable.Range(1, 20).Select(i => (ulong)i))
        {
            ShrinkResult result = Shrinker.Shrink(body, Find(body, seed));

            // Also possible without any: the pulse comes before the wait.
            Assert.Equal(0, result.After.Answers);
            Assert.Equal(0, result.After.Preemptions);
        }
    }

    [Fact]
    public void A_time_out_that_must_come_early_is_kept()
    {
        object gate = new();
        int x = 0;
        Action body = () =>
        {
            x = 0;
            bool pulsed = true;
            Program.InParallel(
                () => Program.Lock(gate, () =>
                {
                    VolatileShim.Write(ref x, 1, 0);
                    pulsed = MonitorShim.Wait(gate, 1000, 0);
                }),
                () =>
                {
                    if (VolatileShim.Read(ref x, 0) == 1)
                    {
                        Program.Lock(gate, () => MonitorShim.Pulse(gate, 0));
                    }
                });
            Program.Assert(pulsed || VolatileShim.Read(ref x, 0) != 1, "timed out");
        };

        ShrinkResult result = Shrinker.Shrink(body, Find(body, 5));

        Assert.True(result.Minimal);
        Assert.True(result.After.Answers + result.After.Preemptions <= 1);
    }

    [Fact]
    public void Threads_and_iterations_that_the_failure_does_not_need_do_not_run_before_it()
    {
        int x = 0;
        Action body = () =>
        {
            x = 0;
            void Busy()
            {
                int mine = 0;
                for (int i = 0; i < 50; i++)
                {
                    VolatileShim.Write(ref mine, i, 0);
                }
            }

            Program.InParallel(
                Busy,
                () =>
                {
                    Busy();
                    VolatileShim.Write(ref x, 1, 0);
                    VolatileShim.Write(ref x, 0, 0);
                },
                Busy,
                () => Program.Assert(VolatileShim.Read(ref x, 0) == 0, "seen"));
        };

        ShrinkResult result = Shrinker.Shrink(body, Find(body, 1, "portfolio"));

        Assert.Equal(1, result.After.Preemptions);
        Assert.DoesNotContain(result.Schedule.Steps.TakeWhile(s => s.Thread != 4), s => s.Thread is 1 or 3);
        Assert.True(result.After.EventsToFailure <= 4 + 1 + 50 + 1 + 2, result.After.ToString());
    }

    [Fact]
    public void Another_assertion_of_the_same_program_is_another_failure()
    {
        int x = 0, y = 0;
        Action body = () =>
        {
            x = y = 0;
            Program.InParallel(
                () =>
                {
                    VolatileShim.Write(ref x, 1, 0);
                    VolatileShim.Write(ref y, 1, 0);
                    VolatileShim.Write(ref y, 0, 0);
                },
                () =>
                {
                    Program.Assert(VolatileShim.Read(ref y, 0) == 0, "y");
                    Program.Assert(VolatileShim.Read(ref x, 0) == 0, "x");
                });
        };
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Schedule found = Find(body, seed);

            Assert.Equal(found.Failure.Message, Shrinker.Shrink(body, found).Schedule.Failure.Message);
        }
    }

    [Fact]
    public void An_interrupted_shrinking_keeps_the_best_so_far()
    {
        Action body = SctTests.Rewritten["twostage_20"];
        Schedule found = Find(body, 1, "portfolio");
        using var interrupt = new CancellationTokenSource();
        ScheduleSize? seen = null;

        ShrinkResult result = Shrinker.Shrink(
            body,
            found,
            progress: size =>
            {
                if (seen is not null)
                {
                    interrupt.Cancel();
                }

                seen = size;
            },
            cancellation: interrupt.Token);

        Assert.False(result.Minimal);
        Assert.Equal(seen, result.After);
        Assert.True(Replayer.Replay(body, result.Schedule).Reproduced);
    }

    [Fact]
    public void A_schedule_that_does_not_replay_is_given_back_with_the_reason()
    {
        Schedule found = Find(Program.LostUpdate, 1);

        ShrinkResult result = Shrinker.Shrink(Program.LockOrderInversion, found);

        Assert.Same(found, result.Schedule);
        Assert.Contains("record it again", result.Refused);
    }

    [Fact]
    public void Dropping_any_preemption_of_a_random_programs_shrunk_failure_loses_it()
    {
        int shrunk = 0;
        Prop.ForAll(
            Gen.Choose(0, 2).ListOf(4).ListOf(3).ToArbitrary(),
            threads =>
            {
                // 0: read x, 1: x := the read value + 1, 2: a lock around an increment. Fails when an increment is lost.
                Action body = () => RandomProgram(threads);
                if (Explorer.Explore(body, new ExplorationOptions { Strategy = "random", Schedules = 200 }).Schedule is not { } found)
                {
                    return;
                }

                shrunk++;
                ShrinkResult result = Shrinker.Shrink(body, found);
                Assert.Null(result.Refused);
                Assert.True(result.Minimal);
                Assert.True(Replayer.Replay(body, result.Schedule).Reproduced);
                Assert.Equal(result.After, Shrinker.Shrink(body, result.Schedule).After);
                if (result is { Fewest: true, After.Preemptions: > 0 })
                {
                    var fewer = new ExplorationOptions { Strategy = "dfs", Preemptions = result.After.Preemptions - 1, Schedules = 100_000 };
                    Assert.Null(Explorer.Explore(body, fewer).Failure);
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
        Assert.True(shrunk > 5, "too few of the programs fail for the test to mean anything");
    }

    private static void RandomProgram(IEnumerable<IEnumerable<int>> threads)
    {
        int x = 0, increments = 0;
        object gate = new();
        Program.InParallel([.. threads.Select<IEnumerable<int>, Action>(operations => () =>
        {
            int read = VolatileShim.Read(ref x, 0);
            foreach (int operation in operations)
            {
                switch (operation)
                {
                    case 0:
                        read = VolatileShim.Read(ref x, 0);
                        break;
                    case 1:
                        increments++;
                        VolatileShim.Write(ref x, ++read, 0);
                        break;
                    default:
                        increments++;
                        Program.Lock(gate, () => VolatileShim.Write(ref x, read = VolatileShim.Read(ref x, 0) + 1, 0));
                        break;
                }
            }
        })]);
        Program.Assert(VolatileShim.Read(ref x, 0) == increments, "an increment was lost");
    }
}
