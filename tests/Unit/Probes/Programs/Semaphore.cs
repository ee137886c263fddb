// Programs over Semaphore.
public static partial class Probe
{
    static volatile int s_shared;

    static void Increment() => s_shared = s_shared + 1;

    static void Guarded(int permits)
    {
        using Semaphore s = new(permits, permits);
        s_shared = 0;
        void Body()
        {
            s.WaitOne();
            Increment();
            s.Release();
        }

        Run(Body, Body, Body);
        Check(s_shared == 3);
    }

    public static void Two_permits_are_no_lock__Assertion() => Guarded(2);

    public static void One_permit_is_a_lock__Clean() => Guarded(1);

    public static void A_release_past_the_maximum__LockMisuse()
    {
        using Semaphore s = new(0, 1);
        Run(() => s.Release(), () => s.Release());
    }

    public static void One_release_for_two_waiters__Deadlock()
    {
        using Semaphore s = new(0, 2);
        Run(() => s.WaitOne(), () => s.WaitOne(), () => s.Release());
    }

    public static void A_release_for_each_waiter__Clean()
    {
        using Semaphore s = new(0, 2);
        Run(() => s.WaitOne(), () => s.WaitOne(), () => Check(s.Release(2) == 0));
    }

    public static void A_time_out_ignored__Assertion()
    {
        using Semaphore s = new(1, 1);
        s_shared = 0;
        void Body()
        {
            bool taken = s.WaitOne(5);
            Increment();
            if (taken) s.Release();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }
}
