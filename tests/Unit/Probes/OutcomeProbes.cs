namespace Verify.Tests.Unit.Probes;

/// <summary>What exactly can happen, over every schedule: time-outs on both sides, barging, who is woken.</summary>
public class OutcomeProbes
{
    private const string Timed = """
        static string Either(Func<bool> wait, Action signal)
        {
            bool got = false;
            Run(() => got = wait(), signal);
            return got ? "signalled" : "timed out";
        }

        public static string Monitor_Wait()
        {
            object o = new();
            bool early = false;
            string how = Either(
                () => { lock (o) { early = true; return Monitor.Wait(o, 10); } },
                () => { lock (o) Monitor.Pulse(o); });
            return how;
        }

        public static string Monitor_TryEnter()
        {
            object o = new();
            bool got = false;
            var t = new Thread(() => { if (got = Monitor.TryEnter(o, 10)) Monitor.Exit(o); });
            lock (o) { t.Start(); Thread.Yield(); }
            t.Join();
            return got ? "signalled" : "timed out";
        }

        public static string Lock_TryEnter()
        {
            Lock o = new();
            bool got = false;
            var t = new Thread(() => { if (got = o.TryEnter(10)) o.Exit(); });
            lock (o) { t.Start(); Thread.Yield(); }
            t.Join();
            return got ? "signalled" : "timed out";
        }

        public static string SemaphoreSlim_Wait() { SemaphoreSlim s = new(0); return Either(() => s.Wait(10), () => s.Release()); }
        public static string Semaphore_WaitOne() { Semaphore s = new(0, 1); return Either(() => s.WaitOne(10), () => s.Release()); }
        public static string ManualResetEvent_WaitOne() { ManualResetEvent e = new(false); return Either(() => e.WaitOne(10), () => e.Set()); }
        public static string AutoResetEvent_WaitOne() { AutoResetEvent e = new(false); return Either(() => e.WaitOne(10), () => e.Set()); }
        public static string WaitAny() { AutoResetEvent e = new(false), f = new(false); return Either(() => WaitHandle.WaitAny([e, f], 10) == 1, () => f.Set()); }
        public static string WaitAll() { AutoResetEvent e = new(true), f = new(false); return Either(() => WaitHandle.WaitAll([e, f], 10), () => f.Set()); }
        public static string ManualResetEventSlim_Wait() { ManualResetEventSlim e = new(); return Either(() => e.Wait(10), e.Set); }
        public static string CountdownEvent_Wait() { CountdownEvent c = new(1); return Either(() => c.Wait(10), () => c.Signal()); }
        public static string Barrier_SignalAndWait() { Barrier b = new(2); bool other = false; return Either(() => b.SignalAndWait(10), () => other = b.SignalAndWait(10)); }
        public static string SpinUntil() { int x = 0; return Either(() => SpinWait.SpinUntil(() => Volatile.Read(ref x) == 1, 10), () => Volatile.Write(ref x, 1)); }
        public static string Thread_Join() { var t = new Thread(() => Thread.Yield()); t.Start(); bool got = t.Join(10); t.Join(); return got ? "signalled" : "timed out"; }

        public static string Mutex_WaitOne()
        {
            Mutex m = new(true);
            bool got = false;
            var t = new Thread(() => { if (got = m.WaitOne(10)) m.ReleaseMutex(); });
            t.Start();
            m.ReleaseMutex();
            t.Join();
            return got ? "signalled" : "timed out";
        }

        public static string ReaderWriterLockSlim_TryEnterReadLock()
        {
            ReaderWriterLockSlim l = new();
            bool got = false;
            var t = new Thread(() => { if (got = l.TryEnterReadLock(10)) l.ExitReadLock(); });
            l.EnterWriteLock();
            t.Start();
            l.ExitWriteLock();
            t.Join();
            return got ? "signalled" : "timed out";
        }

        public static string CancelAfter()
        {
            using CancellationTokenSource c = new();
            c.CancelAfter(10);
            return Either(() => !c.IsCancellationRequested, () => { });
        }
        """;

    public static TheoryData<string> TimedWaits =>
    [
        "Monitor_Wait", "Monitor_TryEnter", "Lock_TryEnter", "SemaphoreSlim_Wait", "Semaphore_WaitOne", "ManualResetEvent_WaitOne", "AutoResetEvent_WaitOne",
        "WaitAny", "WaitAll", "ManualResetEventSlim_Wait", "CountdownEvent_Wait", "Barrier_SignalAndWait", "SpinUntil", "Thread_Join", "Mutex_WaitOne",
        "ReaderWriterLockSlim_TryEnterReadLock", "CancelAfter",
    ];

    [Theory]
    [MemberData(nameof(TimedWaits))]
    public void A_timed_wait_ends_both_ways(string wait) =>
        Assert.Equal(["signalled", "timed out"], Probe.Of(Timed).Outcomes(wait, preemptions: 2));

    [Fact]
    public void A_freed_lock_goes_to_whoever_comes_first() => Assert.Equal(["123", "132", "213", "231", "312", "321"], Probe.Of("""
        public static string Order()
        {
            object o = new();
            string order = "";
            Action By(int i) => () => { lock (o) order += i; };
            Run(By(1), By(2), By(3));
            return order;
        }
        """).Outcomes("Order", preemptions: 3));

    [Fact]
    public void A_pulse_wakes_the_one_that_has_waited_longest() => Assert.Equal(["1", "2"], Probe.Of("""
        public static string First()
        {
            object o = new();
            int waiting = 0;
            string first = "", entered = "";
            Action By(int i) => () =>
            {
                lock (o)
                {
                    entered += i;
                    waiting++;
                    Monitor.Wait(o);
                    first += i;
                    Monitor.Pulse(o);
                }
            };
            Run(By(1), By(2), () =>
            {
                while (true)
                {
                    lock (o)
                    {
                        if (waiting == 2) { Monitor.Pulse(o); return; }
                    }

                    Thread.Yield();
                }
            });
            return first == entered ? first[..1] : "not in order";
        }
        """).Outcomes("First", preemptions: 2));
}
