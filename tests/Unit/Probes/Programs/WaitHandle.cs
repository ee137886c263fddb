// Programs over WaitHandle.WaitAny, WaitAll and SignalAndWait.
public static partial class Probe
{
    public static void Whoever_is_first_may_be_any__Assertion()
    {
        using ManualResetEvent a = new(false), b = new(false);
        int index = -1;
        Run(
            () => index = WaitHandle.WaitAny([a, b]),
            () => a.Set(),
            () => b.Set());
        Check(index == 0, "the second was first");
    }

    public static void The_lowest_of_several__Clean()
    {
        using ManualResetEvent a = new(false);
        using AutoResetEvent b = new(true), c = new(true);
        Check(WaitHandle.WaitAny([a, b, c]) == 1);
        Check(WaitHandle.WaitAny([a, b, c]) == 2); // b was taken, c was not
        Check(WaitHandle.WaitAny([a, b, c], 0) == WaitHandle.WaitTimeout);
    }

    static void Philosophers(Action<Mutex, Mutex> take)
    {
        Mutex[] forks = [new(), new(), new()];
        Action Eat(int seat) => () =>
        {
            Mutex left = forks[seat], right = forks[(seat + 1) % 3];
            take(left, right);
            left.ReleaseMutex();
            right.ReleaseMutex();
        };
        Run(Eat(0), Eat(1), Eat(2));
    }

    public static void Forks_taken_one_by_one__Deadlock() => Philosophers((left, right) =>
    {
        left.WaitOne();
        right.WaitOne();
    });

    public static void Forks_taken_together__Clean() => Philosophers((left, right) => WaitHandle.WaitAll([left, right]));

    public static void A_wait_for_all_takes_none_before_it_has_all__Clean()
    {
        using AutoResetEvent a = new(true), b = new(false);
        Run(
            () => WaitHandle.WaitAll([a, b], 10),
            () => { if (a.WaitOne(0)) a.Set(); });
        Check(a.WaitOne(0), "kept, although it never had both");
    }

    public static void A_wait_for_all_that_times_out_ignored__Assertion()
    {
        using ManualResetEvent a = new(false), b = new(false);
        int done = 0;
        Run(
            () => { Interlocked.Increment(ref done); a.Set(); },
            () => { Interlocked.Increment(ref done); b.Set(); },
            () => { WaitHandle.WaitAll([a, b], 10); Check(Volatile.Read(ref done) == 2); });
    }

    public static void Signal_and_wait_meets__Clean()
    {
        using AutoResetEvent a = new(false), b = new(false);
        Run(
            () => WaitHandle.SignalAndWait(a, b),
            () => WaitHandle.SignalAndWait(b, a));
    }

    public static void Signal_and_wait_in_the_wrong_direction__Deadlock()
    {
        using AutoResetEvent a = new(false), b = new(false);
        Run(
            () => WaitHandle.SignalAndWait(a, b),
            () => { b.WaitOne(); b.Set(); });
    }
}
