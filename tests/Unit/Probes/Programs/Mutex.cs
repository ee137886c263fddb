// Programs over Mutex.
public static partial class Probe
{
    static volatile int s_shared;

    static void Increment() => s_shared = s_shared + 1;

    public static void A_time_out_ignored__Assertion()
    {
        using Mutex m = new();
        s_shared = 0;
        void Body()
        {
            bool taken = m.WaitOne(5);
            Increment();
            if (taken) m.ReleaseMutex();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void Taken_twice_and_released_twice__Clean()
    {
        using Mutex m = new();
        s_shared = 0;
        void Body()
        {
            m.WaitOne();
            m.WaitOne();
            m.ReleaseMutex();
            Increment();
            m.ReleaseMutex();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void Taken_twice_and_released_once__UnhandledException()
    {
        using Mutex m = new();
        void Body()
        {
            m.WaitOne();
            m.WaitOne();
            m.ReleaseMutex();
        }

        Run(Body, Body); // the second is told that the first abandoned it
    }

    public static void An_abandoned_one_is_owned_all_the_same__Clean()
    {
        using Mutex m = new();
        Run(() => m.WaitOne());
        bool told = false;
        try
        {
            m.WaitOne();
        }
        catch (AbandonedMutexException)
        {
            told = true;
        }

        Check(told);
        m.ReleaseMutex();
        Check(m.WaitOne(0)); // told once
        m.ReleaseMutex();
    }

    public static void Owned_from_the_start__Deadlock()
    {
        using Mutex m = new(initiallyOwned: true);
        Run(() => m.WaitOne()); // this thread waits for its end and holds the mutex
    }

    public static void Released_by_another_thread__LockMisuse()
    {
        using Mutex m = new(initiallyOwned: true);
        Run(() => m.ReleaseMutex());
    }
}
