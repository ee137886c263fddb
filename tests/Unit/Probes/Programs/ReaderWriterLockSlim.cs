// Programs over ReaderWriterLockSlim.
public static partial class Probe
{
    static volatile int s_shared;

    static void Increment() => s_shared = s_shared + 1;

    static void Guarded(Action<ReaderWriterLockSlim> enter, Action<ReaderWriterLockSlim> exit)
    {
        using ReaderWriterLockSlim l = new();
        s_shared = 0;
        void Body()
        {
            enter(l);
            Increment();
            exit(l);
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void Writing_as_a_reader__Assertion() => Guarded(l => l.EnterReadLock(), l => l.ExitReadLock());

    public static void Writing_as_a_writer__Clean() => Guarded(l => l.EnterWriteLock(), l => l.ExitWriteLock());

    public static void Only_one_is_upgradeable__Clean() => Guarded(l => l.EnterUpgradeableReadLock(), l => l.ExitUpgradeableReadLock());

    public static void Checked_as_a_reader_and_written_as_a_writer__Assertion()
    {
        using ReaderWriterLockSlim l = new();
        s_shared = 0;
        void Body()
        {
            l.EnterReadLock();
            bool first = s_shared == 0;
            l.ExitReadLock();
            if (!first) return;
            l.EnterWriteLock();
            Increment();
            l.ExitWriteLock();
        }

        Run(Body, Body);
        Check(s_shared == 1, "both were first");
    }

    public static void Checked_and_upgraded__Clean()
    {
        using ReaderWriterLockSlim l = new();
        s_shared = 0;
        void Body()
        {
            l.EnterUpgradeableReadLock();
            if (s_shared == 0)
            {
                l.EnterWriteLock();
                Increment();
                l.ExitWriteLock();
            }

            l.ExitUpgradeableReadLock();
        }

        Run(Body, Body, () =>
        {
            l.EnterReadLock();
            int a = s_shared, b = s_shared;
            l.ExitReadLock();
            Check(a == b);
        });
        Check(s_shared == 1);
    }

    // The second reader does not get in while a writer waits, so the first waits for it in vain.
    public static void A_waiting_writer_keeps_readers_out__Deadlock()
    {
        using ReaderWriterLockSlim l = new();
        using ManualResetEvent read = new(false), inside = new(false);
        Run(
            () =>
            {
                l.EnterReadLock();
                inside.Set();
                read.WaitOne();
                l.ExitReadLock();
            },
            () =>
            {
                inside.WaitOne();
                l.EnterWriteLock();
                l.ExitWriteLock();
            },
            () =>
            {
                l.EnterReadLock();
                read.Set();
                l.ExitReadLock();
            });
    }

    public static void Readers_read_together__Clean()
    {
        using ReaderWriterLockSlim l = new();
        using Barrier both = new(2);
        void Read()
        {
            l.EnterReadLock();
            both.SignalAndWait();
            l.ExitReadLock();
        }

        Run(Read, Read);
    }

    public static void A_failed_attempt_ignored__Assertion()
    {
        using ReaderWriterLockSlim l = new();
        s_shared = 0;
        void Body()
        {
            bool taken = l.TryEnterWriteLock(10);
            Increment();
            if (taken) l.ExitWriteLock();
        }

        Run(Body, Body);
        Check(s_shared == 2);
    }

    public static void Read_and_then_write__LockMisuse()
    {
        using ReaderWriterLockSlim l = new();
        l.EnterReadLock();
        l.EnterWriteLock();
    }

    public static void A_thread_ends_as_a_reader__AbandonedLock()
    {
        ReaderWriterLockSlim l = new();
        Run(() => l.EnterReadLock());
    }

    public static void Recursion_where_it_is_allowed__Clean()
    {
        using ReaderWriterLockSlim l = new(LockRecursionPolicy.SupportsRecursion);
        void Body()
        {
            l.EnterWriteLock();
            l.EnterReadLock();
            l.EnterWriteLock();
            Check(l.RecursiveWriteCount == 2 && l.IsReadLockHeld);
            l.ExitWriteLock();
            l.ExitWriteLock();
            l.ExitReadLock();
        }

        Run(Body, Body);
    }
}
