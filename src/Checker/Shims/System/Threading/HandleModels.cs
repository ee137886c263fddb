using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>The models of the operating system's handles, made from their real state.</summary>
internal static class HandleModels
{
    // What a handle was made with and does not tell: the mode of an event, the maximum of a semaphore.
    private static readonly ConditionalWeakTable<WaitHandle, StrongBox<int>> s_madeWith = [];
    private static readonly object s_closed = new();

    internal static void Remember(WaitHandle handle, int value) => s_madeWith.Add(handle, new StrongBox<int>(value));

    /// <summary>A named handle is shared with other processes, which no scheduler of this one controls.</summary>
    internal static void RefuseName(string type, string name)
    {
        if (ControlledThread.Current is { Execution.Aborting: false })
        {
            throw new UncontrolledCallException($"the {type} named '{name}' is shared with other processes and is not modelled; make it without a name");
        }
    }

    internal static Waitable Open(ControlledThread thread, WaitHandle handle)
    {
        object model = thread.Execution.Model<object>(handle, FromReal);
        if (ReferenceEquals(model, s_closed) || (model is ICloseable { Closed: true } && !thread.Execution.Aborting))
        {
            throw new ObjectDisposedException(handle.GetType().FullName);
        }

        return (Waitable)model;
    }

    internal static Waitable[] Open(ControlledThread thread, WaitHandle[] handles)
    {
        ArgumentNullException.ThrowIfNull(handles);
        if (handles.Length == 0)
        {
            throw new ArgumentException("Waithandle array may not be empty.", nameof(handles));
        }

        if (handles.Length > 64)
        {
            throw new NotSupportedException("The number of WaitHandles must be less than or equal to 64.");
        }

        return Array.ConvertAll(handles, h => Open(thread, h ?? throw new ArgumentNullException(nameof(handles))));
    }

    /// <summary>An event that can be set; the handle of a slim object cannot, though its type says so.</summary>
    internal static EventModel OpenEvent(ControlledThread thread, EventWaitHandle handle) => Open(thread, handle) as EventModel
        ?? throw new UncontrolledCallException("setting or resetting the handle of a slim object or token is not modelled; use the object itself");

    internal static void Close(ControlledThread thread, WaitHandle handle, int site)
    {
        if (thread.Execution.Model<object>(handle, FromReal) is Waitable model)
        {
            thread.Execution.Signal(thread, model, site);
            if (model is ICloseable closeable)
            {
                closeable.Closed = true;
            }
        }
    }

    private static object FromReal(Execution execution, object obj)
    {
        var handle = (WaitHandle)obj;
        if (handle.SafeWaitHandle.IsClosed)
        {
            return s_closed;
        }

        return handle switch
        {
            Mutex => new MutexModel(execution, IsFree(handle) ? null : throw Unknown("a Mutex held by a thread outside control")),
            Semaphore semaphore => new SemaphoreModel(execution, Count(semaphore), MadeWith(handle, "a Semaphore")),
            ManualResetEvent => new EventModel(execution, manual: true, handle.WaitOne(0)),
            AutoResetEvent auto => new EventModel(execution, manual: false, IsSet(auto)),
            EventWaitHandle other when MadeWith(handle, "an EventWaitHandle") == (int)EventResetMode.ManualReset =>
                new EventModel(execution, manual: true, other.WaitOne(0)),
            EventWaitHandle other => new EventModel(execution, manual: false, IsSet(other)),
            _ => throw Unknown("a wait handle of type " + handle.GetType().FullName),
        };
    }

    private static int MadeWith(WaitHandle handle, string what) =>
        s_madeWith.TryGetValue(handle, out StrongBox<int>? value) ? value.Value : throw Unknown(what + " made by code that was not rewritten");

    private static UncontrolledCallException Unknown(string what) => new(what + " cannot be modelled; make it in the test");

    private static bool IsSet(EventWaitHandle auto)
    {
        bool set = auto.WaitOne(0);
        if (set)
        {
            auto.Set();
        }

        return set;
    }

    private static bool IsFree(WaitHandle handle)
    {
        try
        {
            if (!handle.WaitOne(0))
            {
                return false;
            }
        }
        catch (AbandonedMutexException)
        {
        }

        ((Mutex)handle).ReleaseMutex();
        return true;
    }

    private static int Count(Semaphore semaphore) => semaphore.WaitOne(0) ? semaphore.Release() + 1 : 0;
}

/// <summary>A model of a handle that the program can close.</summary>
internal interface ICloseable
{
    bool Closed { get; set; }
}

/// <summary>A manual or automatic event of the operating system.</summary>
internal sealed class EventModel(Execution execution, bool manual, bool set) : Waitable(execution, manual ? "event" : "auto-reset event"), ICloseable
{
    private bool _set = set;

    public bool Closed { get; set; }

    internal override bool CanTake(ControlledThread thread) => _set;

    internal override void Take(ControlledThread thread) => _set = manual && _set;

    internal void Set(ControlledThread thread, int site)
    {
        if (!manual && _set)
        {
            ReleaseOne(thread, site); // then this signal is the second one, not lost
        }

        _set = true;
        Changed(thread.Execution);
    }

    internal void Reset(ControlledThread thread, int site)
    {
        if (_set && manual)
        {
            foreach (ControlledThread waiter in Waiters.ToArray())
            {
                // Answer 0: it was asleep when the event was set, and is released whatever comes after; 1: it came later.
                if (CanRelease(waiter) && thread.Execution.Choose(thread, 2, site) == 0)
                {
                    thread.Execution.Grant(waiter);
                }
            }
        }
        else if (_set)
        {
            ReleaseOne(thread, site);
        }

        _set = false;
        Changed(thread.Execution);
    }

    // Which of the waiters was asleep when the event was set: any of them, the first as the ordinary answer, or none.
    private void ReleaseOne(ControlledThread thread, int site)
    {
        ControlledThread[] asleep = [.. Waiters.Where(CanRelease)];
        int chosen = thread.Execution.Choose(thread, asleep.Length + 1, site);
        if (chosen < asleep.Length)
        {
            thread.Execution.Grant(asleep[chosen]);
        }
    }

    private static bool CanRelease(ControlledThread waiter) =>
        !waiter.Granted && !waiter.InterruptDelivered && waiter.WaitingFor!.CanTake(waiter);
}

/// <summary>A wait for whichever of several objects is available first; the lowest index when there are several, as in .NET.</summary>
internal sealed class AnyOf(Execution execution, Waitable[] parts) : Waitable(execution, "wait for any of " + parts.Length)
{
    internal Waitable[] Parts { get; } = parts;

    internal override nuint Address => 0;

    internal int Taken { get; private set; } = -1;

    internal override string Describe() => "any of " + string.Join(", ", Parts.Select(p => p.Name));

    internal override bool CanTake(ControlledThread thread) => Array.Exists(Parts, p => p.CanTake(thread));

    internal override void Take(ControlledThread thread)
    {
        Taken = Array.FindIndex(Parts, p => p.CanTake(thread));
        Parts[Taken].Take(thread);
    }

    internal override void Enlist(ControlledThread thread) => Array.ForEach(Parts, p => p.Enlist(thread));

    internal override void Delist(ControlledThread thread) => Array.ForEach(Parts, p => p.Delist(thread));

    internal override void Changed(Execution execution) => Parts[Taken].Changed(execution);

    internal override void Acquired(ControlledThread thread) => Parts[Taken].Acquired(thread);
}

/// <summary>A wait for all of several objects at once: none is taken before all are available.</summary>
internal sealed class AllOf(Execution execution, Waitable[] parts) : Waitable(execution, "wait for all of " + parts.Length)
{
    internal Waitable[] Parts { get; } = parts;

    internal override nuint Address => 0;

    internal override ControlledThread? Owner => Array.Find(Parts, p => p.Owner is not null)?.Owner;

    internal override ControlledThread? OwnerFor(ControlledThread waiter) => Array.Find(Parts, p => p.OwnerFor(waiter) is { } o && o != waiter)?.OwnerFor(waiter);

    internal override int HeldSince(ControlledThread owner) => Array.Find(Parts, p => p.Owner == owner)?.HeldSince(owner) ?? 0;

    internal override string Describe() => "all of " + string.Join(", ", Parts.Select(p => p.Name));

    internal override bool CanTake(ControlledThread thread) => Array.TrueForAll(Parts, p => p.CanTake(thread));

    internal override void Take(ControlledThread thread) => Array.ForEach(Parts, p => p.Take(thread));

    internal override void Enlist(ControlledThread thread) => Array.ForEach(Parts, p => p.Enlist(thread));

    internal override void Delist(ControlledThread thread) => Array.ForEach(Parts, p => p.Delist(thread));

    internal override void Changed(Execution execution) => Array.ForEach(Parts, p => p.Changed(execution));

    internal override void Acquired(ControlledThread thread) => Array.ForEach(Parts, p => p.Acquired(thread));
}
