// Programs over Thread.
public static partial class Probe
{
    static volatile int s_data;

    public static void Read_without_join__Assertion()
    {
        s_data = 0;
        var t = new Thread(() => s_data = 1);
        t.Start();
        int read = s_data;
        t.Join();
        Check(read == 1);
    }

    public static void Read_after_join__Clean()
    {
        s_data = 0;
        var t = new Thread(x => s_data = (int)x);
        t.Start(1);
        t.Join();
        Check(s_data == 1 && !t.IsAlive && t.ThreadState == ThreadState.Stopped);
    }

    public static void Started_unsafely__Assertion()
    {
        s_data = 0;
        var t = new Thread(() => s_data = s_data + 1);
        t.UnsafeStart();
        s_data = s_data + 1;
        t.Join();
        Check(s_data == 2);
    }

    public static void Started_unsafely_and_joined__Clean()
    {
        s_data = 0;
        var t = new Thread(x => s_data = (int)x);
        t.UnsafeStart(1);
        t.Join();
        Check(s_data == 1);
    }

    public static void Sleep_is_no_synchronization__Assertion()
    {
        s_data = 0;
        var t = new Thread(() => s_data = 1);
        t.Start();
        Thread.Sleep(1000);
        int read = s_data;
        t.Join();
        Check(read == 1, "a second was not enough");
    }

    public static void A_join_that_timed_out_ignored__Assertion()
    {
        s_data = 0;
        var t = new Thread(() => s_data = 1);
        t.Start();
        t.Join(TimeSpan.FromSeconds(1));
        int read = s_data;
        t.Join();
        Check(read == 1);
    }

    public static void A_join_that_timed_out_repeated__Clean()
    {
        s_data = 0;
        var t = new Thread(() => s_data = 1);
        t.Start();
        while (!t.Join(10)) Thread.Yield();
        Check(s_data == 1);
    }

    public static void Asked_whether_it_lives__Clean()
    {
        s_data = 0;
        var t = new Thread(() => s_data = 1);
        t.Start();
        while (t.IsAlive) Thread.Sleep(0);
        Check(s_data == 1);
    }

    static string Interrupted(Action wait)
    {
        string how = "";
        var t = new Thread(() =>
        {
            try
            {
                wait();
                how = "ended";
            }
            catch (ThreadInterruptedException)
            {
                how = "interrupted";
            }
        });
        t.Start();
        t.Interrupt();
        t.Join();
        return how;
    }

    public static void An_interrupt_ends_each_kind_of_wait__Clean()
    {
        Check(Interrupted(() => { object o = new(); lock (o) Monitor.Wait(o); }) == "interrupted");
        Check(Interrupted(() => Thread.Sleep(Timeout.Infinite)) == "interrupted");
        Check(Interrupted(() => new ManualResetEvent(false).WaitOne()) == "interrupted");
        Check(Interrupted(() => new SemaphoreSlim(0).Wait()) == "interrupted");
        Check(Interrupted(() => new CountdownEvent(1).Wait()) == "interrupted");
        Check(Interrupted(() => new ManualResetEventSlim().Wait()) == "interrupted");
        Check(Interrupted(() => new Barrier(2).SignalAndWait()) == "interrupted");
    }

    public static void An_interrupt_while_it_enters_a_lock__Clean()
    {
        object gate = new();
        string how;
        lock (gate) how = Interrupted(() => { lock (gate) { } });
        Check(how == "interrupted");
    }

    public static void An_interrupt_nobody_expected__UnhandledException()
    {
        var t = new Thread(() => Thread.Sleep(10));
        t.Start();
        t.Interrupt();
        t.Join();
    }

    public static void An_interrupt_may_come_too_late__Assertion() => Check(Interrupted(() => { object o = new(); lock (o) { } Thread.Sleep(1); }) != "ended");

    public static void Two_wait_for_each_other__Deadlock()
    {
        Thread a = null, b = null;
        using ManualResetEvent made = new(false);
        a = new Thread(() => { made.WaitOne(); b.Join(); });
        b = new Thread(() => { made.WaitOne(); a.Join(); });
        a.Start();
        b.Start();
        made.Set();
    }

    public static void Its_name_and_number__Clean()
    {
        var t = new Thread(() => Check(Thread.CurrentThread.Name == "worker" && Thread.CurrentThread.ManagedThreadId == Environment.CurrentManagedThreadId))
        {
            Name = "worker",
            IsBackground = true,
        };
        t.Start();
        t.Join();
        Check(Thread.CurrentThread == Thread.CurrentThread);
    }

    public static void Started_twice__UnhandledException()
    {
        var t = new Thread(() => { });
        t.Start();
        t.Start();
    }

    public static void Left_behind_waiting__LeakedThread()
    {
        object gate = new();
        new Thread(() => { lock (gate) Monitor.Wait(gate); }).Start();
    }

    public static void Left_behind_and_ends_by_itself__Clean() => new Thread(() => Thread.Sleep(10)).Start();

    public static void Left_behind_in_the_background__Clean()
    {
        object gate = new();
        new Thread(() => { lock (gate) Monitor.Wait(gate); }) { IsBackground = true }.Start();
    }
}
