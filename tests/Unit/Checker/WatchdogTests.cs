using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

/// <summary>Threads that do not come back to the checker are reported, and the exploration after that works.</summary>
public sealed class WatchdogTests : IDisposable
{
    private static readonly ExplorationOptions s_impatient = new() { Patience = TimeSpan.FromMilliseconds(200) };

    private readonly ManualResetEvent _never = new(false); // a real one: the checker does not see it
    private volatile bool _stop;

    public void Dispose()
    {
        _stop = true; // lets go what a test has left behind
        _never.Dispose();
    }

    [Fact]
    public void A_thread_that_blocks_outside_control_is_reported_with_its_stack()
    {
        int unwound = 0;
        void Test()
        {
            object gate = new();
            Program.InParallel(
                BlocksOutside,
                () => Program.Lock(gate, () =>
                {
                    try
                    {
                        MonitorShim.Wait(gate, 0);
                    }
                    finally
                    {
                        unwound++;
                    }
                }));
        }

        Failure failure = Explorer.Explore(Test, s_impatient with { Strategy = "dfs" }).Failure!;

        Assert.Equal(FailureKind.UncontrolledBlocking, failure.Kind);
        Assert.Contains("thread1 has not come back", failure.Message);
        Assert.Contains(nameof(BlocksOutside), failure.Details);
        Assert.True(unwound <= 1);
        AnotherExplorationWorks();
    }

    [Fact]
    public void The_test_body_itself_may_be_the_one_that_blocks()
    {
        ExplorationResult result = Explorer.Explore(BlocksOutside, s_impatient);

        Assert.Equal(FailureKind.UncontrolledBlocking, result.Failure?.Kind);
        Assert.Contains(nameof(BlocksOutside), result.Failure!.Details);
        Assert.NotNull(result.Schedule);
        AnotherExplorationWorks();
    }

    [Fact]
    public void A_thread_that_catches_the_interrupt_is_reported_all_the_same()
    {
        void Test() => Program.InParallel(() =>
        {
            try
            {
                BlocksOutside();
            }
            catch (ThreadInterruptedException)
            {
                ThreadShim.Yield(0);
            }
        });

        Assert.Equal(FailureKind.UncontrolledBlocking, Explorer.Explore(Test, s_impatient).Failure?.Kind);
        AnotherExplorationWorks();
    }

    [Fact]
    public void A_thread_that_computes_without_end_is_given_up()
    {
        void Test() => Program.InParallel(Computes, () => ThreadShim.Yield(0));

        Failure failure = Explorer.Explore(Test, s_impatient).Failure!;

        Assert.Equal(FailureKind.UncontrolledBlocking, failure.Kind);
        Assert.Contains("its stack is not known", failure.Details);
        AnotherExplorationWorks();
    }

    [Fact]
    public void A_test_body_that_computes_without_end_is_given_up()
    {
        void Test()
        {
            object gate = new();
            Thread waits = ThreadShim.Create(() => Program.Lock(gate, () => MonitorShim.Wait(gate, 0)), 0);
            ThreadShim.Start(waits, 0);
            Computes();
        }

        ExplorationResult result = Explorer.Explore(Test, s_impatient);

        Assert.Equal(FailureKind.UncontrolledBlocking, result.Failure?.Kind);
        Assert.NotNull(result.Schedule);
        AnotherExplorationWorks();
    }

    [Fact]
    public void A_thread_that_blocks_while_it_unwinds_does_not_hide_the_failure()
    {
        void Test()
        {
            object gate = new();
            Program.InParallel(
                () => Program.Lock(gate, () =>
                {
                    try
                    {
                        MonitorShim.Wait(gate, 0);
                    }
                    finally
                    {
                        BlocksOutside();
                    }
                }),
                () => throw new TestAssertionException("boom"),
                () => ThreadShim.Yield(0));
        }

        Assert.Equal("boom", Explorer.Explore(Test, s_impatient).Failure?.Message);
        AnotherExplorationWorks();
    }

    [Fact]
    public void A_thread_that_comes_back_in_time_is_left_alone()
    {
        static void Test() => Program.InParallel(() => Thread.Sleep(20), () => ThreadShim.Yield(0));

        Assert.Null(Explorer.Explore(Test, new ExplorationOptions { Schedules = 3 }).Failure);
    }

    private static void AnotherExplorationWorks()
    {
        Assert.Null(Explorer.Explore(Program.LockedUpdate, new ExplorationOptions { Schedules = 50 }).Failure);
        Assert.Equal(FailureKind.Assertion, Explorer.Explore(Program.LostUpdate, new ExplorationOptions { Schedules = 500 }).Failure?.Kind);
    }

    private void BlocksOutside() => _never.WaitOne();

    private void Computes()
    {
        while (!_stop)
        {
        }
    }
}
