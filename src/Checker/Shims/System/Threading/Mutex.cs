using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Mutex"/>: re-entrant, and abandoned when its owner ends, which the next owner is told by an exception.</summary>
[ShimFor(typeof(Mutex))]
public static class MutexShim
{
    /// <summary>What .NET says of a thread that releases a mutex it does not hold; the exception's type alone says nothing.</summary>
    internal const string NotHeld = "Object synchronization method was called from an unsynchronized block of code.";

    public static Mutex Create(int site) => Create(false, site);

    public static Mutex Create(bool initiallyOwned, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            return new Mutex(initiallyOwned);
        }

        var made = new Mutex(); // never owned for real: the operating system's thread outlives the controlled one
        var model = new MutexModel(thread.Execution, null);
        thread.Execution.Register(made, model);
        if (initiallyOwned)
        {
            model.Take(thread);
        }

        return made;
    }

    public static Mutex Create(bool initiallyOwned, string? name, int site)
    {
        if (name is null)
        {
            return Create(initiallyOwned, site);
        }

        HandleModels.RefuseName("Mutex", name);
        return new Mutex(initiallyOwned, name);
    }

    public static Mutex Create(bool initiallyOwned, string? name, out bool createdNew, int site)
    {
        createdNew = true;
        if (name is null)
        {
            return Create(initiallyOwned, site);
        }

        HandleModels.RefuseName("Mutex", name);
        return new Mutex(initiallyOwned, name, out createdNew);
    }

    public static void ReleaseMutex(Mutex self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "Mutex.ReleaseMutex");
            self.ReleaseMutex();
            return;
        }

        var model = (MutexModel)HandleModels.Open(thread, self);
        if (!thread.Execution.Signal(thread, model, site))
        {
            return;
        }

        if (model.Owner != thread)
        {
            throw new ApplicationException(NotHeld);
        }

        model.Release(thread);
    }
}

/// <summary>A mutex of the operating system.</summary>
internal sealed class MutexModel(Execution execution, ControlledThread? owner) : Waitable(execution, "mutex"), ICloseable
{
    private ControlledThread? _owner = owner;
    private int _depth;
    private bool _abandoned;
    private int _since; // site where the owner took it

    public bool Closed { get; set; }

    internal override ControlledThread? Owner => _owner;

    internal override int HeldSince(ControlledThread owner) => _since;

    internal override bool CanTake(ControlledThread thread) => _owner is null || _owner == thread;

    internal override void Take(ControlledThread thread)
    {
        if (_depth++ == 0)
        {
            _owner = thread;
            _since = thread.Execution.SiteOf(thread);
            thread.Mutexes.Add(this);
        }
    }

    internal void Release(ControlledThread thread)
    {
        if (--_depth == 0)
        {
            _owner = null;
            thread.Mutexes.Remove(this);
            Changed(thread.Execution);
        }
    }

    /// <summary>The owner has ended.</summary>
    internal void Abandon(Execution execution)
    {
        _owner = null;
        _depth = 0;
        _abandoned = true;
        Changed(execution);
    }

    /// <summary>Tells the new owner, once.</summary>
    internal void ThrowIfAbandoned(ControlledThread thread, int index, Mutex? handle)
    {
        if (_abandoned && _owner == thread)
        {
            _abandoned = false;
            throw handle is null ? new AbandonedMutexException() : new AbandonedMutexException(index, handle);
        }
    }
}
