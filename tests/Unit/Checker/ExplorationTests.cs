using Verify.Checker.Exploration;
using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Checker;

public class ExplorationTests
{
    public static TheoryData<string> Strategies => [.. StrategyCatalog.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Every_strategy_finds_a_lost_update(string strategy)
    {
        ExplorationResult result = Explorer.Explore(Program.LostUpdate, new ExplorationOptions { Strategy = strategy });

        Assert.Equal(FailureKind.Assertion, result.Failure?.Kind);
        Assert.Equal("an increment was lost", result.Failure!.Message);
        Assert.NotNull(result.Schedule);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void No_strategy_reports_the_locked_twin(string strategy)
    {
        ExplorationResult result = Explorer.Explore(Program.LockedUpdate, new ExplorationOptions { Strategy = strategy });

        Assert.Null(result.Failure);
        Assert.True(result.Schedules > 20 || result.Exhausted);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_lock_order_inversion_is_a_deadlock_that_names_who_waits_for_whom(string strategy)
    {
        ExplorationResult result = Explorer.Explore(Program.LockOrderInversion, new ExplorationOptions { Strategy = strategy });

        Assert.Equal(FailureKind.Deadlock, result.Failure?.Kind);
        Assert.Contains("thread1 waits for lock", result.Failure!.Message);
        Assert.Contains("held by thread2", result.Failure.Message);
        Assert.Contains("held by thread1", result.Failure.Message);
    }

    [Fact]
    public void An_unknown_strategy_is_refused_with_the_names_there_are()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => Explorer.Explore(() => { }, new ExplorationOptions { Strategy = "rnd" }));

        Assert.Contains("random, pct, pos", e.Message);
    }

    [Fact]
    public void Cancellation_ends_an_exploration_and_keeps_its_counts()
    {
        using var source = new CancellationTokenSource();

        ExplorationResult result = Explorer.Explore(
            Program.LockedUpdate,
            new ExplorationOptions { Schedules = long.MaxValue },
            p => { if (p.Schedules == 10) { source.Cancel(); } },
            source.Token);

        Assert.True(result.Interrupted);
        Assert.Equal(10, result.Schedules);
    }

    [Fact]
    public void An_execution_past_the_step_bound_is_counted_and_the_exploration_goes_on()
    {
        static void Forever()
        {
            int x = 0;
            while (true)
            {
                Verify.Checker.Shims.InterlockedShim.Increment(ref x, 0);
            }
        }

        ExplorationResult counted = Explorer.Explore(Forever, new ExplorationOptions { Schedules = 3, MaxSteps = 50 });
        ExplorationResult failed = Explorer.Explore(Forever, new ExplorationOptions { Schedules = 3, MaxSteps = 50, FailOnMaxSteps = true });

        Assert.Equal((3, 3), (counted.Schedules, counted.Unfinished));
        Assert.Equal(FailureKind.StepBound, failed.Failure?.Kind);
    }

    [Fact]
    public void A_test_that_changes_from_run_to_run_is_reported_as_nondeterministic()
    {
        int runs = 0; // state that leaks between executions
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                int x = 0;
                for (int i = 0; i < runs; i++)
                {
                    Verify.Checker.Shims.InterlockedShim.Increment(ref x, 0);
                }

                Program.Assert(++runs < 3, "third run");
            },
            new ExplorationOptions());

        Assert.Equal(FailureKind.Nondeterminism, result.Failure?.Kind);
    }

    [Fact]
    public void Near_seeds_are_independent_streams()
    {
        // Coyote's run i of seed s is run i-1 of seed s+1; here no stream of one seed is a stream of a near one.
        var first = new HashSet<ulong>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            for (ulong stream = 0; stream < 50; stream++)
            {
                Assert.True(first.Add(new Rng(seed, stream).NextUInt64()), $"seed {seed} stream {stream} repeats another");
            }
        }
    }

    [Fact]
    public void Bounded_draws_are_uniform()
    {
        var rng = new Rng(7);
        int[] seen = new int[6];
        const int Draws = 60_000;
        for (int i = 0; i < Draws; i++)
        {
            seen[rng.Next(6)]++;
        }

        // Expected 10,000 each with standard deviation 91; 6 sigma.
        Assert.All(seen, n => Assert.InRange(n, 9_450, 10_550));
    }
}
