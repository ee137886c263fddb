// Programs over SpinWait.
public static partial class Probe
{
    static volatile int s_data;

    static volatile bool s_ready;

    static void Passing(bool dataFirst)
    {
        s_data = 0;
        s_ready = false;
        Run(
            () =>
            {
                if (dataFirst) s_data = 1;
                s_ready = true;
                s_data = 1;
            },
            () =>
            {
                var spin = new SpinWait();
                while (!s_ready) spin.SpinOnce();
                Check(s_data == 1);
            });
    }

    public static void The_flag_before_the_data__Assertion() => Passing(dataFirst: false);

    public static void The_data_before_the_flag__Clean() => Passing(dataFirst: true);

    public static void Spun_until_it_is_true__Clean()
    {
        s_ready = false;
        Run(() => s_ready = true, () => SpinWait.SpinUntil(() => s_ready));
    }

    public static void Spun_for_a_time_only__Assertion()
    {
        s_ready = false;
        Run(() => s_ready = true, () => Check(SpinWait.SpinUntil(() => s_ready, 10)));
    }

    public static void Nobody_sets_it__Livelock()
    {
        s_ready = false;
        Run(() => SpinWait.SpinUntil(() => s_ready));
    }
}
