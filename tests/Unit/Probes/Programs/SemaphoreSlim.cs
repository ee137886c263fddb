// Programs over SemaphoreSlim.
public static partial class Probe
{
    static volatile int s_shared;

    static void Increment() => s_shared = s_shared + 1;

    static void Guarded(int permits)
    {
        using SemaphoreSlim s = new(permits);
        s_shared = 0;
        void Body()
        {
            s.Wait();
            Increment();
            s.Release();
        }

        Run(Body, Body, Body);
        Check(s_shared == 3);
    }

    public static void Two_permits_are_no_lock__Assertion() => Guarded(2);

    public static void One_permit_is_a_lock__Clean() => Guarded(1);

    public static void A_bounded_buffer__Clean()
    {
        using SemaphoreSlim full = new(0), empty = new(2), gate = new(1);
        var buffer = new Queue<int>();
        int sum = 0;
        Run(
            () =>
            {
                for (int i = 1; i <= 3; i++)
                {
                    empty.Wait();
                    gate.Wait();
                    buffer.Enqueue(i);
                    Check(buffer.Count <= 2, "over the bound");
                    gate.Release();
                    full.Release();
                }
            },
            () =>
            {
                for (int i = 1; i <= 3; i++)
                {
                    full.Wait();
                    gate.Wait();
                    sum += buffer.Dequeue();
                    gate.Release();
                    empty.Release();
                }
            });
        Check(sum == 6);
    }

    public static void The_gate_taken_before_the_permit__Deadlock()
    {
        using SemaphoreSlim full = new(0), gate = new(1);
        Run(
            () => { gate.Wait(); full.Wait(); gate.Release(); },
            () => { gate.Wait(); full.Release(); gate.Release(); });
    }

    public static void A_count_read_and_then_waited_for__Deadlock()
    {
        using SemaphoreSlim s = new(1);
        void Body()
        {
            if (s.CurrentCount > 0) s.Wait();
        }

        Run(Body, Body);
    }

    public static void A_wait_of_no_time__Clean()
    {
        using SemaphoreSlim s = new(1);
        int got = 0;
        void Body()
        {
            if (s.Wait(0)) Interlocked.Increment(ref got);
        }

        Run(Body, Body);
        Check(got == 1);
    }

    public static void A_time_out_ignored__Assertion()
    {
        using SemaphoreSlim s = new(1);
        s_shared = 0;
        void Body()
        {
            bool taken = s.Wait(TimeSpan.FromMilliseconds(5));
            Increment();
            if (taken) s.Release();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void The_handle_says_available_but_another_takes_it__Assertion()
    {
        using SemaphoreSlim s = new(1);
        void Body()
        {
            s.AvailableWaitHandle.WaitOne();
            Check(s.Wait(0), "taken by another meanwhile");
            s.Release();
        }

        Run(Body, Body);
    }

    public static void The_handle_and_then_an_attempt__Clean()
    {
        using SemaphoreSlim s = new(1);
        void Body()
        {
            do s.AvailableWaitHandle.WaitOne();
            while (!s.Wait(0));
            s.Release();
        }

        Run(Body, Body);
    }

    public static void A_release_past_the_maximum__LockMisuse()
    {
        using SemaphoreSlim s = new(0, 1);
        Run(() => s.Release(), () => s.Release());
    }

    public static void Several_at_once__Clean()
    {
        using SemaphoreSlim s = new(0);
        Run(() => s.Wait(), () => s.Wait(), () => Check(s.Release(2) == 0));
    }

    public static void Cancelled_or_released__Clean()
    {
        using SemaphoreSlim s = new(0);
        using CancellationTokenSource c = new();
        int ended = 0;
        Run(
            () =>
            {
                try
                {
                    s.Wait(c.Token);
                    ended = 1;
                }
                catch (OperationCanceledException e)
                {
                    Check(e.CancellationToken == c.Token);
                    ended = 2;
                }
            },
            () => c.Cancel());
        Check(ended == 2);
    }
}
