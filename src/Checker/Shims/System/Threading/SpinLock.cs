using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="SpinLock"/>. Under control a thread that would spin blocks, so that a deadlock is reported as one.</summary>
/// <remarks>
/// The struct itself holds the state, as in .NET: copies, thread owner tracking and its exceptions are the real ones. Only the spinning is
/// modelled: every leaving of any spin lock lets all spinning threads look at theirs again.
/// </remarks>
[ShimFor(typeof(SpinLock))]
[PassThrough("get_IsThreadOwnerTrackingEnabled", ".ctor")]
public static class SpinLockShim
{
    public static void Enter(ref SpinLock self, ref bool lockTaken, int site) => TryEnter(ref self, Timeout.Infinite, ref lockTaken, site);

    public static void TryEnter(ref SpinLock self, ref bool lockTaken, int site) => TryEnter(ref self, 0, ref lockTaken, site);

    public static void TryEnter(ref SpinLock self, TimeSpan timeout, ref bool lockTaken, int site) =>
        TryEnter(ref self, Timeouts.Milliseconds(timeout), ref lockTaken, site);

    public static void TryEnter(ref SpinLock self, int millisecondsTimeout, ref bool lockTaken, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            self.TryEnter(millisecondsTimeout, ref lockTaken);
            return;
        }

        if (lockTaken)
        {
            self.TryEnter(millisecondsTimeout, ref lockTaken); // throws
        }

        Timeouts.Check(millisecondsTimeout);
        SpinLocks spinning = SpinLocks.Of(thread);
        int patience = millisecondsTimeout;
        thread.Execution.Observe(thread, spinning, site);
        while (MustSpin(ref self, lockTaken) && !thread.Execution.Aborting)
        {
            // Each round is an event of its own; one that ends by the time-out is the last.
            if (patience == 0 || !thread.Execution.WaitForRelease(thread, spinning, patience, site))
            {
                break;
            }
        }

        self.TryEnter(ref lockTaken); // succeeds, throws, or fails at once: no other thread runs now
    }

    public static void Exit(ref SpinLock self, int site) => Exit(ref self, null, site);

    public static void Exit(ref SpinLock self, bool useMemoryBarrier, int site) => Exit(ref self, (bool?)useMemoryBarrier, site);

    // The real exits differ in what they do to a lock that nobody holds.
    private static void Exit(ref SpinLock self, bool? useMemoryBarrier, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            ExitReal(ref self, useMemoryBarrier);
            return;
        }

        SpinLocks spinning = SpinLocks.Of(thread);
        if (thread.Execution.Signal(thread, spinning, site))
        {
            ExitReal(ref self, useMemoryBarrier);
            spinning.Released(thread.Execution);
        }
    }

    public static bool get_IsHeld(ref SpinLock self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            thread.Execution.Observe(thread, SpinLocks.Of(thread), site);
        }

        return self.IsHeld;
    }

    // Its own ownership, which no other thread changes.
    public static bool get_IsHeldByCurrentThread(ref SpinLock self, int site) => self.IsHeldByCurrentThread;

    private static void ExitReal(ref SpinLock self, bool? useMemoryBarrier)
    {
        if (useMemoryBarrier is { } barrier)
        {
            self.Exit(barrier);
        }
        else
        {
            self.Exit();
        }
    }

    // Held, and not by a mistake that the real TryEnter answers with an exception.
    private static bool MustSpin(ref SpinLock self, bool lockTaken) =>
        !lockTaken && self.IsHeld && !(self.IsThreadOwnerTrackingEnabled && self.IsHeldByCurrentThread);
}

/// <summary>All threads of an execution that spin for some spin lock; a lock inside an object that moves has no better name.</summary>
internal sealed class SpinLocks(Execution execution) : Waitable(execution, "spin lock")
{
    private static readonly object s_key = new();

    private readonly HashSet<ControlledThread> _again = []; // threads that may look again

    internal static SpinLocks Of(ControlledThread thread) => thread.Execution.Model(s_key, static (execution, _) => new SpinLocks(execution));

    internal override string Describe() => "a spin lock";

    internal override bool CanTake(ControlledThread thread) => _again.Contains(thread);

    internal override void Take(ControlledThread thread) => _again.Remove(thread);

    internal void Released(Execution execution)
    {
        _again.UnionWith(Waiters);
        Changed(execution);
    }
}
