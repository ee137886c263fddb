// Programs over ManualResetEventSlim.
public static partial class Probe
{
    static volatile int s_data;

    public static void Set_before_the_data__Assertion()
    {
        using ManualResetEventSlim e = new();
        s_data = 0;
        Run(
            () => { e.Set(); s_data = 1; },
            () => { e.Wait(); Check(s_data == 1); });
    }

    public static void Set_after_the_data__Clean()
    {
        using ManualResetEventSlim e = new();
        s_data = 0;
        Run(
            () => { s_data = 1; e.Set(); },
            () => { e.Wait(); Check(s_data == 1); },
            () => { if (e.IsSet) Check(s_data == 1); });
    }

    public static void Set_and_reset_pass_a_waiter_by__Deadlock()
    {
        using ManualResetEventSlim e = new();
        Run(() => e.Wait(), () => { e.Set(); e.Reset(); });
    }

    public static void A_time_out_taken_for_the_signal__Assertion()
    {
        using ManualResetEventSlim e = new();
        s_data = 0;
        Run(
            () => { s_data = 1; e.Set(); },
            () => { e.Wait(1000); Check(s_data == 1); });
    }

    public static void Its_handle_among_others__Clean()
    {
        using ManualResetEventSlim e = new();
        using ManualResetEvent other = new(false);
        Run(
            () => Check(WaitHandle.WaitAny([other, e.WaitHandle]) == 1),
            () => e.Set());
    }

    public static void Cancelled__Clean()
    {
        using ManualResetEventSlim e = new();
        using CancellationTokenSource c = new();
        bool told = false;
        Run(
            () =>
            {
                try
                {
                    e.Wait(c.Token);
                }
                catch (OperationCanceledException)
                {
                    told = true;
                }
            },
            c.Cancel);
        Check(told);
    }
}
