// Programs over SpinLock.
public static partial class Probe
{
    static volatile int s_shared;

    static void Increment() => s_shared = s_shared + 1;

    sealed class Holder
    {
        public SpinLock Lock = new(false);
        public SpinLock Tracked = new(true);
    }

    public static void A_copy_is_another_lock__Assertion()
    {
        Holder h = new();
        s_shared = 0;
        void Body()
        {
            SpinLock copy = h.Lock;
            bool taken = false;
            copy.Enter(ref taken);
            Increment();
            copy.Exit();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    static void Guarded(bool tracked)
    {
        Holder h = new();
        s_shared = 0;
        void Body()
        {
            bool taken = false;
            ref SpinLock l = ref (tracked ? ref h.Tracked : ref h.Lock);
            l.Enter(ref taken);
            Increment();
            l.Exit();
        }

        Run(Body, Body, Body);
        Check(s_shared == 3);
    }

    public static void The_lock_itself__Clean() => Guarded(tracked: false);

    public static void The_lock_itself_with_its_owner__Clean() => Guarded(tracked: true);

    public static void Entered_twice_without_an_owner__Deadlock()
    {
        Holder h = new();
        bool a = false, b = false;
        h.Lock.Enter(ref a);
        h.Lock.Enter(ref b);
    }

    public static void Entered_twice_with_an_owner__LockMisuse()
    {
        Holder h = new();
        bool a = false, b = false;
        h.Tracked.Enter(ref a);
        h.Tracked.Enter(ref b);
    }

    public static void Exited_by_another_thread__LockMisuse()
    {
        Holder h = new();
        bool taken = false;
        h.Tracked.Enter(ref taken);
        Run(() => h.Tracked.Exit());
    }

    public static void A_failed_attempt_ignored__Assertion()
    {
        Holder h = new();
        s_shared = 0;
        void Body()
        {
            bool taken = false;
            h.Lock.TryEnter(10, ref taken);
            Increment();
            if (taken) h.Lock.Exit();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }
}
