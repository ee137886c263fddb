namespace Verify.Engine.Rcu;

/// <summary>A node of the callback queue; derive from it to defer work without a second allocation.</summary>
public abstract class RcuCallback
{
    internal RcuCallback? Next;  // Volatile; set once by the producer that appended behind this node

    /// <summary>Runs on the reclaimer thread, at least one full grace period after the call, once.</summary>
    protected internal abstract void Invoke();
}

/// <summary>A callback that runs a delegate.</summary>
public sealed class RcuAction(Action action) : RcuCallback
{
    protected internal override void Invoke() => action();
}
