namespace Verify.Checker.Runtime;

/// <summary>What the checker keeps for a <see cref="Thread"/> object of the program: the object itself is never started.</summary>
internal sealed class ThreadRecord
{
    internal required Delegate Start { get; init; }

    internal Action? Body { get; set; }

    internal string? Name { get; set; }

    internal bool IsBackground { get; set; }

    internal ThreadPriority Priority { get; set; } = ThreadPriority.Normal;

    internal bool InterruptPending { get; set; } // before it was started

    internal ControlledThread? Controlled { get; set; }
}
