using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="ReaderWriterLockSlim"/>.</summary>
/// <remarks>
/// As in .NET: a writer that waits keeps new readers out, which can deadlock; a thread in upgradeable mode waits for the other readers to leave.
/// Waiting writers are events of their own, so both sides of that race are explored.
/// </remarks>
[ShimFor(typeof(ReaderWriterLockSlim))]
[PassThrough("get_RecursionPolicy")]
public static class ReaderWriterLockSlimShim
{
    public static ReaderWriterLockSlim Create(int site) => new();

    public static ReaderWriterLockSlim Create(LockRecursionPolicy recursionPolicy, int site) => new(recursionPolicy);

    public static void EnterReadLock(ReaderWriterLockSlim self, int site) => TryEnterReadLock(self, Timeout.Infinite, site);

    public static bool TryEnterReadLock(ReaderWriterLockSlim self, TimeSpan timeout, int site) =>
        TryEnterReadLock(self, Timeouts.Milliseconds(timeout), site);

    public static bool TryEnterReadLock(ReaderWriterLockSlim self, int millisecondsTimeout, int site) =>
        Enter(self, ReaderWriterMode.Read, millisecondsTimeout, site) ?? self.TryEnterReadLock(millisecondsTimeout);

    public static void EnterWriteLock(ReaderWriterLockSlim self, int site) => TryEnterWriteLock(self, Timeout.Infinite, site);

    public static bool TryEnterWriteLock(ReaderWriterLockSlim self, TimeSpan timeout, int site) =>
        TryEnterWriteLock(self, Timeouts.Milliseconds(timeout), site);

    public static bool TryEnterWriteLock(ReaderWriterLockSlim self, int millisecondsTimeout, int site) =>
        Enter(self, ReaderWriterMode.Write, millisecondsTimeout, site) ?? self.TryEnterWriteLock(millisecondsTimeout);

    public static void EnterUpgradeableReadLock(ReaderWriterLockSlim self, int site) => TryEnterUpgradeableReadLock(self, Timeout.Infinite, site);

    public static bool TryEnterUpgradeableReadLock(ReaderWriterLockSlim self, TimeSpan timeout, int site) =>
        TryEnterUpgradeableReadLock(self, Timeouts.Milliseconds(timeout), site);

    public static bool TryEnterUpgradeableReadLock(ReaderWriterLockSlim self, int millisecondsTimeout, int site) =>
        Enter(self, ReaderWriterMode.Upgradeable, millisecondsTimeout, site) ?? self.TryEnterUpgradeableReadLock(millisecondsTimeout);

    public static void ExitReadLock(ReaderWriterLockSlim self, int site)
    {
        if (!Exit(self, ReaderWriterMode.Read, site))
        {
            self.ExitReadLock();
        }
    }

    public static void ExitWriteLock(ReaderWriterLockSlim self, int site)
    {
        if (!Exit(self, ReaderWriterMode.Write, site))
        {
            self.ExitWriteLock();
        }
    }

    public static void ExitUpgradeableReadLock(ReaderWriterLockSlim self, int site)
    {
        if (!Exit(self, ReaderWriterMode.Upgradeable, site))
        {
            self.ExitUpgradeableReadLock();
        }
    }

    public static bool get_IsReadLockHeld(ReaderWriterLockSlim self, int site) =>
        Own(self, ReaderWriterMode.Read) is { } count ? count > 0 : self.IsReadLockHeld;

    public static bool get_IsWriteLockHeld(ReaderWriterLockSlim self, int site) =>
        Own(self, ReaderWriterMode.Write) is { } count ? count > 0 : self.IsWriteLockHeld;

    public static bool get_IsUpgradeableReadLockHeld(ReaderWriterLockSlim self, int site) =>
        Own(self, ReaderWriterMode.Upgradeable) is { } count ? count > 0 : self.IsUpgradeableReadLockHeld;

    public static int get_RecursiveReadCount(ReaderWriterLockSlim self, int site) => Own(self, ReaderWriterMode.Read) ?? self.RecursiveReadCount;

    public static int get_RecursiveWriteCount(ReaderWriterLockSlim self, int site) => Own(self, ReaderWriterMode.Write) ?? self.RecursiveWriteCount;

    public static int get_RecursiveUpgradeCount(ReaderWriterLockSlim self, int site) =>
        Own(self, ReaderWriterMode.Upgradeable) ?? self.RecursiveUpgradeCount;

    public static int get_CurrentReadCount(ReaderWriterLockSlim self, int site) => Observed(self, site)?.Readers ?? self.CurrentReadCount;

    public static int get_WaitingReadCount(ReaderWriterLockSlim self, int site) =>
        Observed(self, site)?.Waiting(ReaderWriterMode.Read) ?? self.WaitingReadCount;

    public static int get_WaitingWriteCount(ReaderWriterLockSlim self, int site) =>
        Observed(self, site)?.Waiting(ReaderWriterMode.Write) ?? self.WaitingWriteCount;

    public static int get_WaitingUpgradeCount(ReaderWriterLockSlim self, int site) =>
        Observed(self, site)?.Waiting(ReaderWriterMode.Upgradeable) ?? self.WaitingUpgradeCount;

    public static void Dispose(ReaderWriterLockSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            self.Dispose();
            return;
        }

        ReaderWriterModel model = Of(thread, self, disposedToo: true);
        if (thread.Execution.Signal(thread, model.Gate(ReaderWriterMode.Write), site))
        {
            if (model.IsHeldOrAwaited)
            {
                throw new SynchronizationLockException(
                    "The lock is being disposed while still being used. It either is being held by a thread and/or has active waiters waiting "
                    + "to acquire the lock.");
            }

            model.Disposed = true;
        }
    }

    // Null off control.
    private static bool? Enter(ReaderWriterLockSlim self, ReaderWriterMode mode, int millisecondsTimeout, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "ReaderWriterLockSlim.Enter");
            return null;
        }

        Timeouts.Check(millisecondsTimeout);
        return Of(thread, self).Enter(thread, mode, millisecondsTimeout, site);
    }

    // False off control.
    private static bool Exit(ReaderWriterLockSlim self, ReaderWriterMode mode, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "ReaderWriterLockSlim.Exit");
            return false;
        }

        Of(thread, self, disposedToo: true).Exit(thread, mode, site);
        return true;
    }

    private static int? Own(ReaderWriterLockSlim self, ReaderWriterMode mode) =>
        ControlledThread.Current is { } thread ? Of(thread, self, disposedToo: true).Held(thread, mode) : null;

    private static ReaderWriterModel? Observed(ReaderWriterLockSlim self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "reading a ReaderWriterLockSlim");
            return null;
        }

        ReaderWriterModel model = Of(thread, self, disposedToo: true);
        thread.Execution.Observe(thread, model.Gate(ReaderWriterMode.Read), site);
        return model;
    }

    private static ReaderWriterModel Of(ControlledThread thread, ReaderWriterLockSlim self, bool disposedToo = false)
    {
        ReaderWriterModel model = thread.Execution.Model(self, static (execution, obj) =>
        {
            var real = (ReaderWriterLockSlim)obj;
            bool disposed = false;
            try
            {
                if (real.IsReadLockHeld || real.IsUpgradeableReadLockHeld || real.IsWriteLockHeld || !real.TryEnterWriteLock(0))
                {
                    throw new UncontrolledCallException(
                        "a ReaderWriterLockSlim is held by a thread outside control and cannot be modelled; release it before the test begins");
                }

                real.ExitWriteLock();
            }
            catch (ObjectDisposedException)
            {
                disposed = true;
            }

            return new ReaderWriterModel(execution, real.RecursionPolicy == LockRecursionPolicy.SupportsRecursion) { Disposed = disposed };
        });
        ObjectDisposedException.ThrowIf(model.Disposed && !disposedToo && !thread.Execution.Aborting, self);
        return model;
    }
}
