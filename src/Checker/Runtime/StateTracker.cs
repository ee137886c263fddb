using System.Runtime.InteropServices;
using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

/// <summary>The state of an execution as a hash: what each thread has done and seen, and what memory can still do.</summary>
/// <remarks>
/// A thread of a deterministic program is where its history has brought it: its events and the values its reads returned. With the state of the
/// memory machine that is the whole state, whatever interleaving led to it. Locations, locks and objects have no names of their own
/// that all interleavings agree on; each is called by the first access, in the order of thread and then of number within the thread, that
/// touched it. Events whose effect is not in here, of primitives that keep queues or counts, make the states of an execution incomparable.
/// </remarks>
internal sealed class StateTracker : IAccessObserver, IStableValues
{
    private WeakMemory<HostMemory> _machine = null!;
    private readonly StateHash _hash = new();
    private readonly Dictionary<ulong, ulong> _objects = []; // number to name
    private readonly List<int> _locations = [];
    private readonly List<int> _syncs = [];
    private History[] _threads = new History[8];
    private ulong[] _locationName = new ulong[64]; // 0: not touched
    private ulong[] _syncName = new ulong[16];
    private bool[] _running = new bool[8];

    private struct History
    {
        internal ulong Low;
        internal ulong High;
        internal uint Accesses;
    }

    /// <summary>Whether states of this execution can be compared with others.</summary>
    internal bool IsComparable { get; private set; } = true;

    public void OnReset()
    {
        Array.Clear(_threads);
        Array.Clear(_locationName);
        Array.Clear(_syncName);
        _objects.Clear();
        _locations.Clear();
        _syncs.Clear();
        IsComparable = true;
    }

    internal void Watch(WeakMemory<HostMemory> machine) => _machine = machine;

    /// <summary>An event of a thread, or the answer to a choice.</summary>
    internal void Event(in Step step)
    {
        IsComparable &= step.Kind is OperationKind.ThreadBegin or OperationKind.ThreadStart or OperationKind.ThreadJoin
            or OperationKind.VolatileRead or OperationKind.VolatileWrite or OperationKind.Interlocked or OperationKind.Fence
            or OperationKind.LockAcquire or OperationKind.LockRelease or OperationKind.Yield or OperationKind.NativeAlloc
            or OperationKind.NativeFree or OperationKind.PlainRead or OperationKind.PlainWrite or OperationKind.Choice;
        Extend(step.Thread, ((ulong)step.Kind << 32) | (uint)step.Site);
        if (step.Value != 0)
        {
            Extend(step.Thread, (ulong)step.Value);
        }
    }

    /// <summary>The state at a scheduling point.</summary>
    internal UInt128 State(ReadOnlySpan<PendingOperation> pending, IReadOnlyList<ControlledThread> threads, ReadOnlySpan<int> enabled)
    {
        int count = pending.Length;
        Need(count - 1);
        if (_running.Length < count)
        {
            _running = new bool[count * 2];
        }

        _hash.Clear();
        for (int thread = 0; thread < count; thread++)
        {
            _running[thread] = !threads[thread].Finished;
            _hash.Put(_threads[thread].Low);
            _hash.Put(_threads[thread].High);
            _hash.Put(!_running[thread] ? 1 : ((ulong)pending[thread].Kind << 32) | (uint)pending[thread].Site);
        }

        foreach (int thread in enabled)
        {
            _hash.Put((ulong)thread);
        }

        _locations.Sort((a, b) => _locationName[a].CompareTo(_locationName[b]));
        _syncs.Sort((a, b) => _syncName[a].CompareTo(_syncName[b]));
        _machine.EncodeState(
            _hash,
            _running.AsSpan(0, count),
            CollectionsMarshal.AsSpan(_locations),
            CollectionsMarshal.AsSpan(_syncs),
            this);
        return _hash.Value;
    }

    public ulong ValueOf(int message, int location)
    {
        ulong value = _machine.MessageAt(message).Value;
        return !_machine.LocationAt(location).IsReference || value == 0 ? value : _objects.GetValueOrDefault(value, 1UL);
    }

    public void OnRead(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner) =>
        Saw(thread, location, _machine.MessageAt(message).Value);

    public void OnWrite(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner, ulong value)
    {
        ulong name = Touch(thread, location);
        if ((kind & AccessKind.Reference) != 0)
        {
            _objects.TryAdd(value, name);
        }
    }

    public void OnInterlocked(
        int thread, int location, byte bytes, int read, int written, AccessKind kind, int site, nuint owner, ulong value, ulong old)
    {
        Saw(thread, location, old);
        if ((kind & AccessKind.Reference) != 0 && written >= 0)
        {
            _objects.TryAdd(value, Name(thread));
        }
    }

    public void OnForeignMessage(int message)
    {
    }

    public void OnMerge(int from, int into)
    {
        if (_locationName[from] == 0)
        {
            return;
        }

        NeedLocation(into);
        _locations.Remove(from);
        if (_locationName[into] == 0)
        {
            _locations.Add(into);
            _locationName[into] = _locationName[from];
        }
        else
        {
            _locationName[into] = Math.Min(_locationName[into], _locationName[from]);
        }

        _locationName[from] = 0;
    }

    public void OnFence(int thread, FenceKind kind) => Extend(thread, (ulong)kind + 1);

    public void OnAcquire(int thread, int sync) => TouchSync(thread, sync);

    public void OnRelease(int thread, int sync) => TouchSync(thread, sync);

    public void OnStart(int parent, int child)
    {
        Need(Math.Max(parent, child));
        Extend(child, Name(parent));
        Extend(child, _threads[parent].Low);
    }

    public void OnJoin(int waiter, int child)
    {
    }

    public void OnStaticConstructor(int thread)
    {
    }

    // What was read, then the name it would have given.
    private void Saw(int thread, int location, ulong value)
    {
        ulong name = Touch(thread, location);
        if (_machine.LocationAt(location).IsReference && value != 0)
        {
            _objects.TryAdd(value, name);
            value = _objects[value];
        }

        Extend(thread, value);
    }

    private ulong Touch(int thread, int location)
    {
        Need(thread);
        _threads[thread].Accesses++;
        ulong name = Name(thread);
        NeedLocation(location);
        if (_locationName[location] == 0)
        {
            _locations.Add(location);
            _locationName[location] = name;
        }
        else if (name < _locationName[location])
        {
            _locationName[location] = name;
        }

        return name;
    }

    private void TouchSync(int thread, int sync)
    {
        Need(thread);
        _threads[thread].Accesses++;
        if (sync >= _syncName.Length)
        {
            Array.Resize(ref _syncName, Math.Max(sync + 1, _syncName.Length * 2));
        }

        ulong name = Name(thread);
        if (_syncName[sync] == 0)
        {
            _syncs.Add(sync);
            _syncName[sync] = name;
        }
        else
        {
            _syncName[sync] = Math.Min(_syncName[sync], name);
        }
    }

    private ulong Name(int thread) => ((ulong)(thread + 1) << 32) | _threads[thread].Accesses;

    private void Extend(int thread, ulong what)
    {
        Need(thread);
        ref History history = ref _threads[thread];
        history.Low = StateHash.Mix(history.Low ^ what) + 1;
        history.High = StateHash.Mix(history.High + (what * 0xC2B2AE3D27D4EB4F) + 7);
    }

    private void Need(int thread)
    {
        if (thread >= _threads.Length)
        {
            Array.Resize(ref _threads, Math.Max(thread + 1, _threads.Length * 2));
        }
    }

    private void NeedLocation(int location)
    {
        if (location >= _locationName.Length)
        {
            Array.Resize(ref _locationName, Math.Max(location + 1, _locationName.Length * 2));
        }
    }
}
