namespace Verify.Checker.Runtime;

/// <summary>A synchronization object as the checker sees it: what threads can take or wait for.</summary>
/// <remarks>
/// Nothing is handed over: whoever is chosen while the object is available takes it, so every order of waking and every barging newcomer is
/// explored. A thread that waits is not told from one that is about to, which no other thread can observe; where a real waiter would
/// have been released for good, <see cref="Execution.Grant"/> says so.
/// </remarks>
internal abstract class Waitable
{
    /// <param name="execution">Numbers it.</param>
    /// <param name="name">What reports call it, before its number.</param>
    internal Waitable(Execution execution, string name)
    {
        Id = execution.NextObjectId();
        EdgeId = Id;
        Name = name + " " + Id;
    }

    internal int Id { get; }

    internal string Name { get; }

    /// <summary>What a pending operation on it names: its number, or 0 when it stands for several objects.</summary>
    internal virtual nuint Address => (nuint)Id;

    /// <summary>Who must act before a waiter can go on, for the deadlock report; null when anybody may.</summary>
    internal virtual ControlledThread? Owner => null;

    /// <summary>Whom exactly this thread waits for.</summary>
    internal virtual ControlledThread? OwnerFor(ControlledThread waiter) => Owner;

    /// <summary>Site where its owner took it; 0 when unknown.</summary>
    internal virtual int HeldSince(ControlledThread owner) => 0;

    /// <summary>Threads whose next event is to take this. A waiter is enabled exactly while it can.</summary>
    internal List<ControlledThread> Waiters { get; } = [];

    /// <summary>Another face of the same state, with waiters of its own, such as the handle of a slim event.</summary>
    internal Waitable? Face
    {
        get;
        set
        {
            field = value;
            value?.EdgeId = EdgeId;
        }
    }

    /// <summary>What happens-before edges go through: objects that are faces or parts of one state share it.</summary>
    internal int EdgeId { get; set; }

    /// <summary>What the thread did so far happens before what those do who take this from here on.</summary>
    internal virtual void Released(ControlledThread thread) => thread.Execution.Released(thread, EdgeId);

    /// <summary>The other half: the thread took this, or saw its state.</summary>
    internal virtual void Acquired(ControlledThread thread) => thread.Execution.Acquired(thread, EdgeId);

    /// <summary>The name in a sentence: <c>semaphore 3</c>.</summary>
    internal virtual string Describe() => Name;

    internal abstract bool CanTake(ControlledThread thread);

    /// <summary>What taking does to the state; called only when <see cref="CanTake"/> holds.</summary>
    internal virtual void Take(ControlledThread thread)
    {
    }

    internal virtual void Enlist(ControlledThread thread) => Waiters.Add(thread);

    internal virtual void Delist(ControlledThread thread) => Waiters.Remove(thread);

    /// <summary>Looks again at who can go on, after the state has changed.</summary>
    internal virtual void Changed(Execution execution)
    {
        foreach (ControlledThread waiter in Waiters)
        {
            execution.Refresh(waiter);
        }

        Face?.Changed(execution);
    }
}

/// <summary>Another face of a synchronization object: available when the object is, and taking it changes nothing.</summary>
internal sealed class ReadOnlyFace(Execution execution, string name, Func<bool> available) : Waitable(execution, name)
{
    internal override bool CanTake(ControlledThread thread) => available();
}
