// Programs over EventWaitHandle in both modes.
public static partial class Probe
{
    public static void An_automatic_one_lets_one_pass__Deadlock()
    {
        using EventWaitHandle e = new(false, EventResetMode.AutoReset);
        Run(() => e.WaitOne(), () => e.WaitOne(), () => e.Set());
    }

    public static void A_manual_one_lets_all_pass__Clean()
    {
        using EventWaitHandle e = new(false, EventResetMode.ManualReset);
        Run(() => e.WaitOne(), () => e.WaitOne(), () => e.Set());
    }
}
