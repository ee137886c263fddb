// Programs over CountdownEvent.
public static partial class Probe
{
    static void Sum(bool signalFirst)
    {
        using CountdownEvent c = new(2);
        int sum = 0;
        void Work()
        {
            if (signalFirst) c.Signal();
            Interlocked.Increment(ref sum);
            if (!signalFirst) c.Signal();
        }

        Run(Work, Work, () =>
        {
            c.Wait();
            Check(Volatile.Read(ref sum) == 2);
        });
    }

    public static void Signalled_before_the_work__Assertion() => Sum(signalFirst: true);

    public static void Signalled_after_the_work__Clean() => Sum(signalFirst: false);

    public static void Counts_added_too_late__UnhandledException()
    {
        using CountdownEvent c = new(1);
        Run(() => c.AddCount(), () => c.Signal()); // InvalidOperationException: it is set already
    }

    public static void Counts_added_if_there_is_still_one__Clean()
    {
        using CountdownEvent c = new(1);
        Run(() => { if (c.TryAddCount()) c.Signal(); }, () => c.Signal(), () => c.Wait());
        Check(c.IsSet);
    }

    public static void One_signal_too_few__Deadlock()
    {
        using CountdownEvent c = new(3);
        Run(() => c.Signal(2), () => c.Wait());
    }

    public static void A_time_out_ignored__Assertion()
    {
        using CountdownEvent c = new(1);
        Run(() => c.Signal(), () => { c.Wait(10); Check(c.CurrentCount == 0); });
    }
}
