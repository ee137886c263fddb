// Programs over AutoResetEvent.
public static partial class Probe
{
    public static void Two_signals_become_one__Deadlock()
    {
        using AutoResetEvent e = new(false);
        Run(() => e.WaitOne(), () => e.WaitOne(), () => { e.Set(); e.Set(); });
    }

    public static void An_answer_between_the_signals__Clean()
    {
        using AutoResetEvent e = new(false), answer = new(false);
        void Wait()
        {
            e.WaitOne();
            answer.Set();
        }

        Run(Wait, Wait, () =>
        {
            e.Set();
            answer.WaitOne();
            e.Set();
            answer.WaitOne();
        });
    }

    public static void One_signal_for_two__Deadlock()
    {
        using AutoResetEvent e = new(true);
        Run(() => e.WaitOne(), () => e.WaitOne());
    }

    public static void Ping_pong__Clean()
    {
        using AutoResetEvent ping = new(false), pong = new(false);
        int turns = 0;
        Run(
            () =>
            {
                for (int i = 0; i < 3; i++)
                {
                    Check(turns == 2 * i);
                    turns++;
                    ping.Set();
                    pong.WaitOne();
                }
            },
            () =>
            {
                for (int i = 0; i < 3; i++)
                {
                    ping.WaitOne();
                    Check(turns == 2 * i + 1);
                    turns++;
                    pong.Set();
                }
            });
    }
}
