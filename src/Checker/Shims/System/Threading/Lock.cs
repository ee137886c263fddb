using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

// CS9216 warns of a Lock converted to object and then locked as one; here the object is only a key.
#pragma warning disable CS9216

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Lock"/>, which the <c>lock</c> statement uses through <see cref="Lock.EnterScope"/>.</summary>
/// <remarks>As in .NET: re-entrant and barging, like a monitor without wait and pulse.</remarks>
[ShimFor(typeof(Lock))]
public static class LockShim
{
    public static Lock Create(int site) => new();

    public static void Enter(Lock self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            thread.Execution.Enter(thread, Of(thread, self), site);
            return;
        }

        Execution.CheckUseFromOutside(self, "Lock.Enter");
        self.Enter();
    }

    public static Lock.Scope EnterScope(Lock self, int site)
    {
        if (ControlledThread.Current is null)
        {
            Execution.CheckUseFromOutside(self, "Lock.EnterScope");
            return self.EnterScope();
        }

        Enter(self, site);
        Lock.Scope scope = default;
        LockScopeShim.LockOf(ref scope) = self;
        return scope;
    }

    public static bool TryEnter(Lock self, int site) => TryEnter(self, 0, site);

    public static bool TryEnter(Lock self, TimeSpan timeout, int site) => TryEnter(self, Timeouts.Milliseconds(timeout), site);

    public static bool TryEnter(Lock self, int millisecondsTimeout, int site)
    {
        Timeouts.Check(millisecondsTimeout);
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "Lock.TryEnter");
            return self.TryEnter(millisecondsTimeout);
        }

        if (millisecondsTimeout == Timeout.Infinite)
        {
            Enter(self, site);
            return true;
        }

        return thread.Execution.TryEnter(thread, Of(thread, self), millisecondsTimeout, site);
    }

    public static void Exit(Lock self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            thread.Execution.Exit(thread, Of(thread, self), site);
            return;
        }

        Execution.CheckUseFromOutside(self, "Lock.Exit");
        self.Exit();
    }

    public static bool get_IsHeldByCurrentThread(Lock self, int site) =>
        ControlledThread.Current is { } thread ? Of(thread, self).Owner == thread : self.IsHeldByCurrentThread;

    private static LockState Of(ControlledThread thread, Lock self) => thread.Execution.Model(self, static (execution, obj) =>
    {
        var real = (Lock)obj;
        if (!real.TryEnter())
        {
            throw new UncontrolledCallException("a Lock is held by a thread outside control and cannot be modelled; release it before the test begins");
        }

        real.Exit();
        return execution.NewLock();
    });
}

/// <summary>Stands in for <see cref="Lock.Scope"/>.</summary>
[ShimFor(typeof(Lock.Scope))]
public static class LockScopeShim
{
    public static void Dispose(ref Lock.Scope self, int site)
    {
        if (ControlledThread.Current is null)
        {
            self.Dispose();
            return;
        }

        ref Lock? held = ref LockOf(ref self);
        if (held is { } entered)
        {
            held = null;
            LockShim.Exit(entered, site);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lockObj")]
    internal static extern ref Lock? LockOf(ref Lock.Scope scope);
}
