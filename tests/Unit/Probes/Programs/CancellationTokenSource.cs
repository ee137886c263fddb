// Programs over CancellationTokenSource, its tokens and registrations.
public static partial class Probe
{
    public static void Asked_before_and_then_assumed__Assertion()
    {
        using CancellationTokenSource c = new();
        Run(
            () =>
            {
                if (!c.IsCancellationRequested) Check(!c.Token.IsCancellationRequested, "cancelled meanwhile");
            },
            c.Cancel);
    }

    public static void Cancelled_is_for_good__Clean()
    {
        using CancellationTokenSource c = new();
        Run(
            () =>
            {
                if (c.IsCancellationRequested) Check(c.Token.IsCancellationRequested);
            },
            c.Cancel);
        Check(c.IsCancellationRequested);
    }

    public static void A_callback_runs_once_and_the_latest_first__Clean()
    {
        using CancellationTokenSource c = new();
        string order = "";
        c.Token.Register(() => order += "a");
        c.Token.Register(() => order += "b");
        Run(c.Cancel, c.Cancel);
        Check(order == "ba");
    }

    public static void Disposing_a_registration_waits_for_its_callback__Clean()
    {
        using CancellationTokenSource c = new();
        int runs = 0;
        bool gone = false;
        CancellationTokenRegistration r = c.Token.Register(() =>
        {
            Thread.Yield();
            Check(!Volatile.Read(ref gone), "used after its end");
            runs++;
        });
        Run(c.Cancel, () =>
        {
            r.Dispose();
            Volatile.Write(ref gone, true);
        });
        Check(runs <= 1);
    }

    public static void Unregistering_does_not_wait__Assertion()
    {
        using CancellationTokenSource c = new();
        bool gone = false;
        CancellationTokenRegistration r = c.Token.Register(() =>
        {
            Thread.Yield();
            Check(!Volatile.Read(ref gone), "used after its end");
        });
        Run(c.Cancel, () =>
        {
            r.Unregister();
            Volatile.Write(ref gone, true);
        });
    }

    public static void After_a_time__Assertion()
    {
        using CancellationTokenSource c = new(100);
        Thread.Sleep(1);
        Check(!c.IsCancellationRequested, "that was a long millisecond");
    }

    public static void After_a_time_waited_for__Clean()
    {
        using CancellationTokenSource c = new();
        c.CancelAfter(100);
        c.Token.WaitHandle.WaitOne();
        Check(c.IsCancellationRequested);
    }

    public static void Linked__Clean()
    {
        using CancellationTokenSource a = new(), b = new();
        using var c = CancellationTokenSource.CreateLinkedTokenSource(a.Token, b.Token);
        Run(b.Cancel, () => c.Token.WaitHandle.WaitOne());
        Check(c.IsCancellationRequested && !a.IsCancellationRequested);
    }

    public static void Nobody_cancels__Deadlock()
    {
        using CancellationTokenSource c = new();
        c.Token.WaitHandle.WaitOne();
    }
}
