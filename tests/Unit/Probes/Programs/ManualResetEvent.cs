// Programs over ManualResetEvent.
public static partial class Probe
{
    static volatile int s_data;

    public static void Set_before_the_data__Assertion()
    {
        using ManualResetEvent e = new(false);
        s_data = 0;
        Run(
            () => { e.Set(); s_data = 1; },
            () => { e.WaitOne(); Check(s_data == 1); });
    }

    public static void Set_after_the_data__Clean()
    {
        using ManualResetEvent e = new(false);
        s_data = 0;
        void Read()
        {
            e.WaitOne();
            Check(s_data == 1);
        }

        Run(() => { s_data = 1; e.Set(); }, Read, Read);
    }

    public static void Reset_before_the_late_one_comes__Deadlock()
    {
        using ManualResetEvent e = new(false);
        Run(
            () => e.WaitOne(),
            () => { e.Set(); e.Reset(); });
    }

    public static void One_asleep_is_released_by_set_though_it_is_reset_at_once__Clean()
    {
        using ManualResetEvent e = new(false);
        using ManualResetEvent asleep = new(false);
        Run(
            () => { while (!e.WaitOne(1)) { } },
            () => { e.Set(); });
    }

    public static void A_time_out_taken_for_the_signal__Assertion()
    {
        using ManualResetEvent e = new(false);
        s_data = 0;
        Run(
            () => { s_data = 1; e.Set(); },
            () => { e.WaitOne(1000); Check(s_data == 1); });
    }

    public static void A_time_out_heeded__Clean()
    {
        using ManualResetEvent e = new(false);
        s_data = 0;
        Run(
            () => { s_data = 1; e.Set(); },
            () => { if (e.WaitOne(1000)) Check(s_data == 1); });
    }
}
