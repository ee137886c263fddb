namespace Verify.Checker.Runtime;

internal enum ReaderWriterMode
{
    Read,
    Upgradeable,
    Write,
}

/// <summary>A slim reader-writer lock: who holds it in which mode, and which writers wait.</summary>
internal sealed class ReaderWriterModel
{
    private readonly bool _recursive;
    private readonly Gateway[] _gates; // by mode
    private readonly Dictionary<ControlledThread, int[]> _held = []; // depths by mode; only threads that hold it
    private readonly Dictionary<ControlledThread, int> _since = []; // site of the latest entry; of threads that hold it
    private readonly HashSet<ControlledThread> _waitingWriters = []; // asleep, keeping new readers out

    internal ReaderWriterModel(Execution execution, bool recursive)
    {
        _recursive = recursive;
        int id = execution.NextObjectId();
        var name = "reader-writer lock " + id;
        _gates = [.. Enum.GetValues<ReaderWriterMode>().Select(m => new Gateway(execution, this, m, name) { EdgeId = id })];
    }

    internal bool Disposed { get; set; }

    internal bool IsHeldOrAwaited => _held.Count > 0 || Array.Exists(_gates, g => g.Waiters.Count > 0);

    /// <summary>Threads in read mode; not the one in upgradeable mode, unless it also reads.</summary>
    internal int Readers => _held.Count(h => h.Value[(int)ReaderWriterMode.Read] > 0);

    private ControlledThread? Writer => HolderOf(ReaderWriterMode.Write);

    internal Waitable Gate(ReaderWriterMode mode) => _gates[(int)mode];

    internal int Held(ControlledThread thread, ReaderWriterMode mode) => _held.TryGetValue(thread, out int[]? depths) ? depths[(int)mode] : 0;

    internal int Waiting(ReaderWriterMode mode) => _gates[(int)mode].Waiters.Count;

    /// <summary>Enters. A writer that cannot at once first goes to sleep, which is an event: from then on no new reader enters.</summary>
    internal bool Enter(ControlledThread thread, ReaderWriterMode mode, int timeout, int site)
    {
        Execution execution = thread.Execution;
        if (!execution.Aborting)
        {
            ThrowIfForbidden(thread, mode);
        }

        Gateway gate = _gates[(int)mode];
        if (IsReentry(thread, mode))
        {
            gate.Take(thread); // no other thread can observe it, so it is no event
            return true;
        }

        bool sleeps = false;
        if (mode == ReaderWriterMode.Write && timeout != 0)
        {
            if (!execution.Try(thread, gate, site) || gate.CanTake(thread))
            {
                gate.Take(thread);
                Changed(execution);
                return true;
            }

            sleeps = true;
            _waitingWriters.Add(thread);
            Changed(execution);
        }

        bool taken = false;
        try
        {
            taken = execution.Wait(thread, gate, null, timeout, site) == WaitOutcome.Taken;
        }
        finally
        {
            if (sleeps && _waitingWriters.Remove(thread))
            {
                Changed(execution);
            }
        }

        return taken;
    }

    internal void Exit(ControlledThread thread, ReaderWriterMode mode, int site)
    {
        if (thread.Execution.Aborting)
        {
            return; // runs in finally blocks; the state of the execution no longer matters
        }

        if (Held(thread, mode) == 0)
        {
            throw new SynchronizationLockException($"The {NameOf(mode)} lock is being released without being held.");
        }

        if (!thread.Execution.Signal(thread, _gates[(int)mode], site))
        {
            return;
        }

        int[] depths = _held[thread];
        depths[(int)mode]--;
        if (depths.AsSpan().IndexOfAnyExcept(0) < 0)
        {
            _held.Remove(thread);
            _since.Remove(thread);
            thread.LocksHeld--;
        }

        Changed(thread.Execution);
    }

    internal bool IsHeldBy(ControlledThread thread) => _held.ContainsKey(thread);

    internal string Describe(ControlledThread holder) => $"{_gates[0].Lock}, entered at {SiteTable.Get(_since[holder]).Place}";

    private static string NameOf(ReaderWriterMode mode) => mode switch
    {
        ReaderWriterMode.Read => "read",
        ReaderWriterMode.Upgradeable => "upgradeable",
        _ => "write",
    };

    private ControlledThread? HolderOf(ReaderWriterMode mode)
    {
        foreach ((ControlledThread holder, int[] depths) in _held)
        {
            if (depths[(int)mode] > 0)
            {
                return holder;
            }
        }

        return null;
    }

    private bool IsReentry(ControlledThread thread, ReaderWriterMode mode) =>
        Held(thread, mode) > 0
        || (mode != ReaderWriterMode.Write && Held(thread, ReaderWriterMode.Write) > 0)
        || (mode == ReaderWriterMode.Read && Held(thread, ReaderWriterMode.Upgradeable) > 0);

    // The rules of LockRecursionPolicy, and those that hold under both policies.
    private void ThrowIfForbidden(ControlledThread thread, ReaderWriterMode mode)
    {
        bool reads = Held(thread, ReaderWriterMode.Read) > 0;
        bool upgradeable = Held(thread, ReaderWriterMode.Upgradeable) > 0;
        bool writes = Held(thread, ReaderWriterMode.Write) > 0;
        bool forbidden = mode switch
        {
            ReaderWriterMode.Read => !_recursive && (reads || writes),
            ReaderWriterMode.Upgradeable => _recursive ? reads && !upgradeable && !writes : reads || upgradeable || writes,
            _ => _recursive ? reads && !upgradeable && !writes : reads || writes,
        };
        if (forbidden)
        {
            string held = writes ? "write" : upgradeable && mode != ReaderWriterMode.Read ? "upgradeable" : "read";
            throw new LockRecursionException(
                $"The {NameOf(mode)} lock may not be acquired with the {held} lock held{(_recursive ? "" : " in this mode")}.");
        }
    }

    private bool CanEnter(ControlledThread thread, ReaderWriterMode mode) => mode switch
    {
        ReaderWriterMode.Read => Writer is null && _waitingWriters.Count == 0,
        ReaderWriterMode.Upgradeable => Writer is null && HolderOf(ReaderWriterMode.Upgradeable) is null && _waitingWriters.Count == 0,
        _ => _held.Count == 0 || (_held.Count == 1 && _held.ContainsKey(thread)),
    };

    private void Enter(ControlledThread thread, ReaderWriterMode mode)
    {
        if (!_held.TryGetValue(thread, out int[]? depths))
        {
            _held.Add(thread, depths = new int[3]);
            thread.LocksHeld++;
        }

        depths[(int)mode]++;
        _since[thread] = thread.Execution.SiteOf(thread);
        _waitingWriters.Remove(thread);
    }

    private void Changed(Execution execution) => Array.ForEach(_gates, g => g.ChangedAlone(execution));

    /// <summary>One way in.</summary>
    private sealed class Gateway(Execution execution, ReaderWriterModel model, ReaderWriterMode mode, string name)
        : Waitable(execution, NameOf(mode) + " access to " + name)
    {
        internal string Lock { get; } = name;

        internal override ControlledThread? Owner => model.Writer ?? model._held.Keys.FirstOrDefault();

        // Whoever upgrades holds it too, and waits for the others only.
        internal override ControlledThread? OwnerFor(ControlledThread waiter) => model._held.Keys.FirstOrDefault(h => h != waiter);

        internal override int HeldSince(ControlledThread owner) => model._since[owner];

        internal override string Describe() => NameOf(mode) + " access to " + Lock
            + (mode != ReaderWriterMode.Write && model.Writer is null && model._waitingWriters.Count > 0 ? " (a writer waits)" : "");

        internal override bool CanTake(ControlledThread thread) => model.CanEnter(thread, mode);

        internal override void Take(ControlledThread thread) => model.Enter(thread, mode);

        internal override void Changed(Execution execution) => model.Changed(execution);

        internal void ChangedAlone(Execution execution) => base.Changed(execution);
    }
}
