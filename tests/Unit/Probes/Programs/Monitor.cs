// Programs over Monitor; see ProbeTests for how a name tells the verdict.
public static partial class Probe
{
    public static void A_pulse_before_the_wait__Deadlock()
    {
        object gate = new();
        Run(
            () => { lock (gate) Monitor.Wait(gate); },
            () => { lock (gate) Monitor.Pulse(gate); });
    }

    public static void If_instead_of_while__Assertion()
    {
        object gate = new();
        int items = 0;
        void Consume()
        {
            lock (gate)
            {
                if (items == 0) Monitor.Wait(gate);
                Check(items > 0, "woken for an item that another thread has taken");
                items--;
            }
        }

        void Produce()
        {
            lock (gate)
            {
                items++;
                Monitor.Pulse(gate);
            }
        }

        Run(Consume, Consume, () => { Produce(); Produce(); });
    }

    public static void While_and_a_pulse_for_each_item__Clean()
    {
        object gate = new();
        int items = 0;
        void Consume()
        {
            lock (gate)
            {
                while (items == 0) Monitor.Wait(gate);
                items--;
            }
        }

        void Produce()
        {
            lock (gate)
            {
                items++;
                Monitor.Pulse(gate);
            }
        }

        Run(Consume, Consume, () => { Produce(); Produce(); });
        Check(items == 0);
    }

    public static void One_pulse_for_two_waiters__Deadlock() => Waiters(Monitor.Pulse);

    public static void A_pulse_for_all_waiters__Clean() => Waiters(Monitor.PulseAll);

    static void Waiters(Action<object> pulse)
    {
        object gate = new();
        bool open = false;
        void Pass()
        {
            lock (gate)
            {
                while (!open) Monitor.Wait(gate);
            }
        }

        Run(Pass, Pass, () =>
        {
            lock (gate)
            {
                open = true;
                pulse(gate);
            }
        });
    }

    public static void A_wait_that_timed_out_taken_for_a_pulse__Assertion()
    {
        object gate = new();
        bool ready = false;
        Run(
            () =>
            {
                lock (gate)
                {
                    if (!ready) Monitor.Wait(gate, 1000);
                    Check(ready, "the time was over first");
                }
            },
            () =>
            {
                lock (gate)
                {
                    ready = true;
                    Monitor.Pulse(gate);
                }
            });
    }

    public static void A_timed_wait_in_a_loop__Clean()
    {
        object gate = new();
        bool ready = false;
        Run(
            () =>
            {
                lock (gate)
                {
                    while (!ready) Monitor.Wait(gate, TimeSpan.FromMilliseconds(10));
                }
            },
            () =>
            {
                lock (gate) ready = true; // no pulse: only the time-out wakes the other
            });
    }

    static volatile int s_shared;

    static void Increment() => s_shared = s_shared + 1;

    public static void A_failed_attempt_ignored__Assertion()
    {
        object gate = new();
        s_shared = 0;
        void Body()
        {
            bool taken = false;
            Monitor.TryEnter(gate, 10, ref taken);
            Increment();
            if (taken) Monitor.Exit(gate);
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void A_failed_attempt_repeated__Clean()
    {
        object gate = new();
        s_shared = 0;
        void Body()
        {
            while (!Monitor.TryEnter(gate)) Thread.Yield();
            Increment();
            Monitor.Exit(gate);
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void A_wait_gives_back_every_level__Clean()
    {
        object gate = new();
        bool open = false;
        Run(
            () =>
            {
                lock (gate)
                    lock (gate)
                        while (!open) Monitor.Wait(gate);
                Check(!Monitor.IsEntered(gate));
            },
            () =>
            {
                lock (gate)
                {
                    Check(Monitor.IsEntered(gate));
                    open = true;
                    Monitor.PulseAll(gate);
                }
            });
    }

    public static void A_wait_without_the_lock__LockMisuse() => Monitor.Wait(new object());

    public static void A_pulse_without_the_lock__LockMisuse() => Monitor.Pulse(new object());

    public static void An_exit_by_another_thread__LockMisuse()
    {
        object gate = new();
        lock (gate) Run(() => Monitor.Exit(gate));
    }

    public static void A_thread_ends_inside_the_lock__AbandonedLock()
    {
        object gate = new();
        Run(() => Monitor.Enter(gate));
    }
}
