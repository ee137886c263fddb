// Programs over System.Threading.Lock.
public static partial class Probe
{
    static volatile int s_shared;

    static void Increment() => s_shared = s_shared + 1;

    public static void The_statement_on_two_locks__Assertion()
    {
        Lock a = new(), b = new();
        s_shared = 0;
        Run(
            () => { lock (a) Increment(); },
            () => { lock (b) Increment(); });
        Check(s_shared == 2);
    }

    public static void The_statement_on_one_lock__Clean()
    {
        Lock a = new();
        s_shared = 0;
        void Body()
        {
            lock (a) lock (a) Increment(); // re-entrant
            Check(!a.IsHeldByCurrentThread);
        }

        Run(Body, Body, Body);
        Check(s_shared == 3);
    }

    public static void A_scope_left_early__Assertion()
    {
        Lock a = new();
        s_shared = 0;
        void Body()
        {
            using (a.EnterScope()) Check(a.IsHeldByCurrentThread);
            Increment();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void A_failed_attempt_ignored__Assertion()
    {
        Lock a = new();
        s_shared = 0;
        void Body()
        {
            bool taken = a.TryEnter(TimeSpan.FromSeconds(1));
            Increment();
            if (taken) a.Exit();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void A_failed_attempt_repeated__Clean()
    {
        Lock a = new();
        s_shared = 0;
        void Body()
        {
            while (!a.TryEnter()) Thread.Yield();
            Increment();
            a.Exit();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void An_inversion_with_statements__Deadlock()
    {
        Lock a = new(), b = new();
        Run(
            () => { lock (a) lock (b) { } },
            () => { lock (b) lock (a) { } });
    }

    public static void An_exit_by_another_thread__LockMisuse()
    {
        Lock a = new();
        using (a.EnterScope()) Run(() => a.Exit());
    }

    public static void A_thread_ends_inside_the_lock__AbandonedLock()
    {
        Lock a = new();
        Run(() => a.Enter());
    }
}
