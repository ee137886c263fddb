using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

public class LockTests
{
    [Fact]
    public void A_freed_lock_can_be_taken_by_a_thread_that_came_later()
    {
        // Barging: thread2 can enter three times before thread1, which waits for the lock, enters once.
        SortedSet<string> outcomes = Program.Outcomes(() =>
        {
            object gate = new();
            string order = "";
            Program.InParallel(
                () => Program.Lock(gate, () => order += "a"),
                () =>
                {
                    Program.Lock(gate, () => order += "b");
                    Program.Lock(gate, () => order += "b");
                });
            return order;
        });

        Assert.Equal(["abb", "bab", "bba"], outcomes);
    }

    [Fact]
    public void Entering_again_needs_as_many_exits()
    {
        SortedSet<string> outcomes = Program.Outcomes(() =>
        {
            object gate = new();
            int inside = 0;
            int most = 0;
            void Body() => Program.Lock(gate, () => Program.Lock(gate, () =>
            {
                most = Math.Max(most, ++inside);
                ThreadShim.Yield(0);
                inside--;
            }));
            Program.InParallel(Body, Body);
            return most.ToString();
        });

        Assert.Equal(["1"], outcomes);
    }

    [Fact]
    public void Try_enter_sees_the_lock_held_and_free()
    {
        SortedSet<string> outcomes = Program.Outcomes(() =>
        {
            object gate = new();
            bool entered = false;
            Program.InParallel(
                () => Program.Lock(gate, () => { }),
                () =>
                {
                    if (entered = MonitorShim.TryEnter(gate, 0))
                    {
                        MonitorShim.Exit(gate, 0);
                    }
                });
            return entered.ToString();
        });

        Assert.Equal(["False", "True"], outcomes);
    }

    [Fact]
    public void A_pulse_wakes_the_thread_that_has_waited_longest()
    {
        SortedSet<string> outcomes = Program.Outcomes(
            () =>
            {
                object gate = new();
                string waited = "", woke = "";
                int ready = 0;
                Thread Waiter(string name) => ThreadShim.Create(
                    () => Program.Lock(gate, () =>
                    {
                        waited += name;
                        ready++;
                        MonitorShim.Wait(gate, 0);
                        woke += name;
                    }),
                    0);
                Thread[] threads = [Waiter("a"), Waiter("b")];
                foreach (Thread thread in threads)
                {
                    ThreadShim.Start(thread, 0);
                }

                for (int pulses = 0; pulses < 2;)
                {
                    Program.Lock(gate, () =>
                    {
                        if (ready == 2)
                        {
                            MonitorShim.Pulse(gate, 0);
                            pulses++;
                        }
                    });
                    ThreadShim.Yield(0);
                }

                foreach (Thread thread in threads)
                {
                    ThreadShim.Join(thread, 0);
                }

                // Both may be in the entry set before either enters, so only the first pulse's order can be lost to barging.
                return waited.Length + ":" + woke.Length;
            },
            preemptions: 1);

        Assert.Equal(["2:2"], outcomes);
    }

    [Fact]
    public void Waiting_for_a_pulse_that_came_before_is_a_deadlock()
    {
        static void LostWakeup()
        {
            object gate = new();
            Program.InParallel(
                () => Program.Lock(gate, () => MonitorShim.Wait(gate, 0)),
                () => Program.Lock(gate, () => MonitorShim.Pulse(gate, 0)));
        }

        ExplorationResult result = Explorer.Explore(LostWakeup, new ExplorationOptions());

        Assert.Equal(FailureKind.Deadlock, result.Failure?.Kind);
        Assert.Contains("thread1 waits for a pulse of lock", result.Failure!.Message);
    }

    [Fact]
    public void A_timed_wait_is_never_a_deadlock_and_both_answers_are_explored()
    {
        SortedSet<string> outcomes = Program.Outcomes(
            () =>
            {
                object gate = new();
                bool pulsed = false;
                Program.InParallel(
                    () => Program.Lock(gate, () => pulsed = MonitorShim.Wait(gate, 10, 0)),
                    () => Program.Lock(gate, () => MonitorShim.Pulse(gate, 0)));
                return pulsed.ToString();
            },
            preemptions: 2);

        Assert.Equal(["False", "True"], outcomes);
    }

    [Fact]
    public void A_timed_join_and_a_timed_try_enter_explore_both_answers()
    {
        SortedSet<string> outcomes = Program.Outcomes(
            () =>
            {
                object gate = new();
                Thread holder = ThreadShim.Create(() => Program.Lock(gate, () => ThreadShim.Yield(0)), 0);
                ThreadShim.Start(holder, 0);
                bool entered = MonitorShim.TryEnter(gate, 10, 0);
                if (entered)
                {
                    MonitorShim.Exit(gate, 0);
                }

                bool joined = ThreadShim.Join(holder, 10, 0);
                ThreadShim.Join(holder, 0);
                return entered + " " + joined;
            },
            preemptions: 3);

        Assert.Equal(["False False", "False True", "True False", "True True"], outcomes);
    }

    [Fact]
    public void The_earliest_time_out_fires_first_when_nothing_else_can_run()
    {
        SortedSet<string> outcomes = Program.Outcomes(
            () =>
            {
                object a = new(), b = new();
                string order = "";
                Program.InParallel(
                    () => Program.Lock(a, () => { MonitorShim.Wait(a, 20, 0); order += "late"; }),
                    () => Program.Lock(b, () => { MonitorShim.Wait(b, 10, 0); order += "early"; }));
                return order;
            },
            preemptions: 0);

        Assert.Contains("earlylate", outcomes);
    }

    [Fact]
    public void Leaving_a_lock_one_does_not_hold_throws_as_in_the_framework()
    {
        ExplorationResult result = Explorer.Explore(() => MonitorShim.Exit(new object(), 0), new ExplorationOptions());

        Assert.Equal(FailureKind.LockMisuse, result.Failure?.Kind);
        Assert.Contains("SynchronizationLockException", result.Failure!.Message);
    }
}
