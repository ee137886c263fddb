namespace Verify.Checker.Runtime;

/// <summary>A monitor as the checker sees it: one owner, an entry set without order (barging is legal in .NET) and a wait set in arrival order.</summary>
internal sealed class LockState(int id)
{
    internal int Id { get; } = id;

    /// <summary>What reports call it.</summary>
    internal string Name => "lock " + Id;

    internal int EnteredAt { get; set; } // site of the entry under way

    internal ControlledThread? Owner { get; set; }

    internal int Depth { get; set; }

    /// <summary>Threads whose next event is to enter. Enabled exactly while <see cref="Owner"/> is null.</summary>
    internal List<ControlledThread> Entering { get; } = [];

    /// <summary>Threads in Wait that have not been pulsed; <see cref="Monitor.Pulse"/> takes the first.</summary>
    internal List<ControlledThread> Waiting { get; } = [];
}
