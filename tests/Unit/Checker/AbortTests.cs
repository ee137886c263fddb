using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

public class AbortTests
{
    [Fact]
    public void After_a_failure_every_thread_is_unwound_and_the_next_exploration_starts_clean()
    {
        int unwound = 0;
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
                        unwound++;
                        MonitorShim.PulseAll(gate, 0); // points in a finally block must not stop the unwinding
                    }
                }),
                () => throw new TestAssertionException("boom"));
        }

        ExplorationResult first = Explorer.Explore(Test, new ExplorationOptions { Seed = 3 });
        ExplorationResult second = Explorer.Explore(Program.LockedUpdate, new ExplorationOptions { Schedules = 50 });

        Assert.Equal("boom", first.Failure?.Message);
        Assert.True(unwound > 0 || first.Schedules > 0);
        Assert.Null(second.Failure);
    }

    [Fact]
    public void A_thread_that_swallows_the_abort_and_loops_is_thrown_at_again()
    {
        // Without the rewriter's guard in the handler; the checker still gets the thread back.
        static void Test() => Program.InParallel(
            () =>
            {
                int x = 0;
                int swallowed = 0;
                while (swallowed < 3)
                {
                    try
                    {
                        while (true)
                        {
                            InterlockedShim.Increment(ref x, 0);
                        }
                    }
                    catch (ExecutionAbortException)
                    {
                        swallowed++;
                    }
                }
            },
            () => throw new TestAssertionException("boom"));

        ExplorationResult result = Explorer.Explore(Test, new ExplorationOptions { MaxSteps = 5000 });

        Assert.Equal("boom", result.Failure?.Message);
    }

    [Fact]
    public void Background_threads_do_not_keep_an_execution_alive()
    {
        static void Test()
        {
            Thread thread = ThreadShim.Create(
                () =>
                {
                    while (true)
                    {
                        ThreadShim.Yield(0);
                    }
                },
                0);
            ThreadShim.set_IsBackground(thread, true, 0);
            ThreadShim.Start(thread, 0);
        }

        ExplorationResult result = Explorer.Explore(Test, new ExplorationOptions { Schedules = 20, MaxSteps = 1000, FailOnMaxSteps = true });

        Assert.Null(result.Failure);
    }

    [Fact]
    public unsafe void Freeing_native_memory_twice_is_a_finding()
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                void* block = NativeMemoryShim.Alloc(64, 0);
                NativeMemoryShim.Free(block, 0);
                NativeMemoryShim.Free(block, 0);
            },
            new ExplorationOptions());

        Assert.Equal(FailureKind.BadFree, result.Failure?.Kind);
    }

    [Fact]
    public unsafe void A_freed_block_is_poisoned_and_its_address_is_not_given_out_again()
    {
        bool poisoned = false, reused = false;
        Explorer.Explore(
            () =>
            {
                byte* block = (byte*)NativeMemoryShim.AllocZeroed(64, 0);
                NativeMemoryShim.Free(block, 0);
                poisoned = block[0] == 0xDD && block[63] == 0xDD;
                for (int i = 0; i < 100; i++)
                {
                    void* other = NativeMemoryShim.Alloc(64, 0);
                    reused |= other == block;
                    NativeMemoryShim.Free(other, 0);
                }
            },
            new ExplorationOptions { Schedules = 1 });

        Assert.True(poisoned);
        Assert.False(reused);
    }

    [Fact]
    public void An_execution_cannot_be_started_from_inside_another()
    {
        ExplorationResult result = Explorer.Explore(
            () => Explorer.Explore(() => { }, new ExplorationOptions()), new ExplorationOptions());

        Assert.Contains("cannot start another", result.Failure!.Message);
    }
}
