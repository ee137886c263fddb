using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Probes;

/// <summary>Each type of lock in a racy, a deadlocking and a correct program; made once off control, and made anew by every test.</summary>
public class LockProbes
{
    // The same program over each kind of lock; the texts are the locks, the entry and the exit of lock 0 and 1.
    public static TheoryData<string, string, string, string, bool> Locks
    {
        get
        {
            var all = new TheoryData<string, string, string, string, bool>();
            foreach (bool fresh in (bool[])[false, true])
            {
                all.Add("object", "new(), new()", "Monitor.Enter(l[@]);", "Monitor.Exit(l[@]);", fresh);
                all.Add("Lock", "new(), new()", "l[@].Enter();", "l[@].Exit();", fresh);
                all.Add("SemaphoreSlim", "new(1), new(1, 1)", "l[@].Wait();", "l[@].Release();", fresh);
                all.Add("Semaphore", "new(1, 1), new(1, 2)", "l[@].WaitOne();", "l[@].Release();", fresh);
                all.Add("Mutex", "new(), new(false)", "l[@].WaitOne();", "l[@].ReleaseMutex();", fresh);
                all.Add("AutoResetEvent", "new(true), new(true)", "l[@].WaitOne();", "l[@].Set();", fresh);
                all.Add("ReaderWriterLockSlim", "new(), new()", "l[@].EnterWriteLock();", "l[@].ExitWriteLock();", fresh);
            }

            // A struct's state is its own bits, which are the program's static state like any other: only fresh ones.
            all.Add("SpinLock", "new(false), new(true)", "{ bool t@ = false; l[@].Enter(ref t@); }", "l[@].Exit();", true);
            return all;
        }
    }

    private static Probe Of(string type, string locks, string enter, string exit, bool fresh)
    {
        string In(string l) => enter.Replace("@", l, StringComparison.Ordinal);
        string Out(string l) => exit.Replace("@", l, StringComparison.Ordinal);
        return Probe.Of($$"""
            static {{type}}[] Made() => [{{locks}}];
            static {{type}}[] l = Made();
            static volatile int x;
            static void Begin() { x = 0; {{(fresh ? "l = Made();" : "")}} }

            public static void Unlocked()
            {
                Begin();
                Run(() => { {{In("0")}} x = x + 1; {{Out("0")}} }, () => x = x + 1);
                Check(x == 2, "an update was lost");
            }

            public static void Locked()
            {
                Begin();
                void Body() { {{In("0")}} x = x + 1; {{Out("0")}} }
                Run(Body, Body, Body);
                Check(x == 3, "an update was lost");
            }

            public static void DifferentLocks()
            {
                Begin();
                Run(() => { {{In("0")}} x = x + 1; {{Out("0")}} }, () => { {{In("1")}} x = x + 1; {{Out("1")}} });
                Check(x == 2, "an update was lost");
            }

            public static void Inversion()
            {
                Begin();
                Run(
                    () => { {{In("0")}} {{In("1")}} {{Out("1")}} {{Out("0")}} },
                    () => { {{In("1")}} {{In("0")}} {{Out("0")}} {{Out("1")}} });
            }

            public static void Ordered()
            {
                Begin();
                void Body() { {{In("0")}} {{In("1")}} {{Out("1")}} {{Out("0")}} }
                Run(Body, Body);
            }

            public static void FiveLockers()
            {
                Begin();
                void Body() { for (int i = 0; i < 2; i++) { {{In("0")}} x = x + 1; {{Out("0")}} } }
                Run(Body, Body, Body, Body, Body);
                Check(x == 10, "an update was lost");
            }
            """);
    }

    [Theory]
    [MemberData(nameof(Locks))]
    public void A_race_past_the_lock_is_found(string type, string locks, string enter, string exit, bool fresh)
    {
        Of(type, locks, enter, exit, fresh).Finds("Unlocked", FailureKind.Assertion);
        Of(type, locks, enter, exit, fresh).Finds("DifferentLocks", FailureKind.Assertion);
    }

    [Theory]
    [MemberData(nameof(Locks))]
    public void A_locked_update_is_clean(string type, string locks, string enter, string exit, bool fresh)
    {
        Of(type, locks, enter, exit, fresh).IsClean("Locked");
        Of(type, locks, enter, exit, fresh).IsClean("FiveLockers");
    }

    [Theory]
    [MemberData(nameof(Locks))]
    public void An_inversion_is_a_deadlock_and_one_order_is_clean(string type, string locks, string enter, string exit, bool fresh)
    {
        Failure failure = Of(type, locks, enter, exit, fresh).Finds("Inversion", FailureKind.Deadlock);
        Assert.Contains("thread1 waits for", failure.Message);
        Assert.Contains("thread2 waits for", failure.Message);
        Of(type, locks, enter, exit, fresh).IsClean("Ordered");
    }
}
