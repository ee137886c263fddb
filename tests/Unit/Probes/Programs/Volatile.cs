// Programs over Volatile, the keyword, and the barriers.
public static partial class Probe
{
    static volatile int s_keyword;
    static int s_method;
    static int s_a, s_b;

    public static void An_increment_of_a_volatile_field__Assertion()
    {
        s_keyword = 0;
        Run(() => s_keyword++, () => s_keyword++);
        Check(s_keyword == 2);
    }

    public static void An_increment_by_Read_and_Write__Assertion()
    {
        s_method = 0;
        void Body() => Volatile.Write(ref s_method, Volatile.Read(ref s_method) + 1);
        Run(Body, Body);
        Check(s_method == 2);
    }

    public static void An_increment_by_one_thread_only__Clean()
    {
        s_method = 0;
        Run(
            () =>
            {
                for (int i = 0; i < 3; i++) Volatile.Write(ref s_method, Volatile.Read(ref s_method) + 1);
            },
            () => Check(Volatile.Read(ref s_method) <= Volatile.Read(ref s_method)));
        Check(s_method == 3);
    }

    static void Dekker(Action barrier, Func<int> afterwards)
    {
        s_a = s_b = 0;
        int inside = 0;
        Action Enter(bool first) => () =>
        {
            Volatile.Write(ref first ? ref s_a : ref s_b, 1);
            barrier();
            if (Volatile.Read(ref first ? ref s_b : ref s_a) == 0) Interlocked.Increment(ref inside);
        };
        Run(Enter(true), Enter(false));
        Check(inside + afterwards() <= 1, "both inside");
    }

    public static void Flags_and_a_full_barrier__Clean() => Dekker(Interlocked.MemoryBarrier, () => 0);

    public static void Flags_and_a_process_wide_barrier__Clean() => Dekker(Interlocked.MemoryBarrierProcessWide, () => 0);

    public static void Flags_and_the_thread_barrier__Clean() => Dekker(Thread.MemoryBarrier, () => 0);

    // The checks are one apart, so that both can see the other's flag down before it is raised.
    public static void The_flag_raised_after_the_look__Assertion()
    {
        s_a = s_b = 0;
        int inside = 0;
        Action Enter(bool first) => () =>
        {
            bool free = Volatile.Read(ref first ? ref s_b : ref s_a) == 0;
            Volatile.WriteBarrier();
            Volatile.Write(ref first ? ref s_a : ref s_b, 1);
            Volatile.ReadBarrier();
            if (free) Interlocked.Increment(ref inside);
        };
        Run(Enter(true), Enter(false));
        Check(inside <= 1, "both inside");
    }

    public static void The_accesses_of_the_first_framework__Assertion()
    {
        s_method = 0;
        void Body() => Thread.VolatileWrite(ref s_method, Thread.VolatileRead(ref s_method) + 1);
        Run(Body, Body);
        Check(s_method == 2);
    }
}
