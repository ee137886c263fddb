using System.Runtime.InteropServices;

namespace Verify.Engine.Rcu;

/// <summary>The registered readers, the phase, and the event that leaving readers set; the steps of waiting for readers.</summary>
/// <remarks>
/// Invariant, whenever <see cref="Gate"/> is free: every registered reader is in exactly one of the two lists. During a wait the quiescent ones stand
/// aside; a thread that registers meanwhile joins the others and is scanned on the next round, a thread that unregisters leaves whichever list it is
/// in.
/// </remarks>
public sealed class RcuRegistry
{
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct PaddedPhase
    {
        [FieldOffset(64)] public long Value;  // Volatile; written under Gate; read by every reader that enters
    }

    private readonly List<RcuReader> _readers = [];  // under Gate; registered and not known to be quiescent in this grace period
    private readonly List<RcuReader> _aside = [];    // under Gate; empty unless a grace period is in progress
    private readonly RcuEvent _aReaderLeft = new();
    private PaddedPhase _phase;
    private int _draining;                           // Interlocked; drains in progress

    internal RcuRegistry() => _phase.Value = 1;

    /// <summary>Guards the lists. Taken inside the lock of <see cref="RcuDomain{TVariant}.Synchronize"/>.</summary>
    internal object Gate { get; } = new();

    /// <summary>The current phase; never 0.</summary>
    public long Phase
    {
        get => Volatile.Read(ref _phase.Value);
        internal set => Volatile.Write(ref _phase.Value, value);
    }

    /// <summary>Readers the next scan looks at. Under the registry lock.</summary>
    public IReadOnlyList<RcuReader> Readers => _readers;

    /// <summary>Whether nobody is registered. Under the registry lock.</summary>
    public bool IsEmpty => _readers.Count == 0;

    /// <summary>Whether a reader of the thread is inside a section; of its own thread only. Under the registry lock.</summary>
    internal bool IsInside(int threadId)
    {
        return Holds(_readers, threadId) || Holds(_aside, threadId);

        static bool Holds(List<RcuReader> readers, int threadId) => readers.Exists(r => r.OwnerThreadId == threadId && r.Phase != 0);
    }

    /// <summary>Step 1 of a round: forget the wake-ups so far.</summary>
    public void ResetEvent() => _aReaderLeft.Reset();

    /// <summary>Step 2: ask every reader to set the event when it leaves.</summary>
    public void MarkReadersWaited()
    {
        foreach (RcuReader reader in _readers)
            reader.SetWaited(true);
    }

    /// <summary>Step 3: moves aside every reader that is outside or entered in this phase; true if some remain.</summary>
    /// <param name="force">During a drain, ask those that remain to leave.</param>
    public bool MoveQuiescentAside(bool force)
    {
        for (int i = _readers.Count - 1; i >= 0; i--)
        {
            RcuReader reader = _readers[i];
            if (!reader.IsOngoing(Phase))
            {
                _readers.RemoveAt(i);
                _aside.Add(reader);
                reader.SetWaited(false);  // No fence: the worst case is a wake-up nobody needs.
            }
            else if (force && Volatile.Read(ref _draining) != 0)
            {
                reader.OnForced?.Invoke();
            }
        }
        return _readers.Count != 0;
    }

    /// <summary>Step 4: sleeps outside the registry lock until a reader left that was marked.</summary>
    public void BlockUntilAReaderLeaves()
    {
        Monitor.Exit(Gate);
        try
        {
            _aReaderLeft.Wait();
        }
        finally
        {
            Monitor.Enter(Gate);
        }
    }

    /// <summary>Ends a wait: the readers that stood aside are registered as before, in addition to those that came meanwhile.</summary>
    public void PutReadersBack()
    {
        _readers.AddRange(_aside);
        _aside.Clear();
    }

    internal void SignalLeave() => _aReaderLeft.Set();

    /// <summary>Adds a reader that is outside. Under the registry lock.</summary>
    public void Add(RcuReader reader)
    {
        _readers.Add(reader);
    }

    /// <summary>Removes a reader from whichever list it is in. Under the registry lock.</summary>
    public void Remove(RcuReader reader)
    {
        if (!_readers.Remove(reader) && !_aside.Remove(reader))
            throw new RcuMisuseException("A reader was unregistered that is not registered here: unregister each reader once, in its own domain.");
    }

    internal void BeginDrain()
    {
        Interlocked.Increment(ref _draining);
        // A writer may already sleep, having scanned before the increment. Its next round forces; QEMU's drain lets it sleep.
        _aReaderLeft.Set();
    }

    internal void EndDrain() => Interlocked.Decrement(ref _draining);
}
