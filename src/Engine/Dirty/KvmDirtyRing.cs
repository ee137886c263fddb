namespace Verify.Engine.Dirty;

/// <summary>One vCPU's ring of written pages: the vCPU pushes, userspace reaps, the kernel resets.</summary>
/// <remarks>
/// After Linux Documentation/virt/kvm/api.rst, 8.29. An entry goes 00 (free), 01 (dirty), 1X (reaped), and back to 00 by reset. The state is stored
/// after the content (release) and loaded before it (acquire). Pushes and resets are under the MMU lock; one thread reaps.
/// </remarks>
public sealed class KvmDirtyRing
{
    private const int Free = 0, Dirty = 1, Reaped = 2;

    private struct Entry
    {
        public int State;       // Volatile; published after the fields below
        public KvmSlot? Slot;
        public long Bit;
    }

    private readonly Entry[] _entries;
    private long _pushed;   // under the MMU lock
    private long _reset;    // under the MMU lock
    private long _fetched;  // the reaping thread

    internal KvmDirtyRing(int entries)
    {
        if (entries < 1 || (entries & (entries - 1)) != 0)
            throw new DirtyMemoryException($"A ring of {entries} entries: give a power of two.");
        _entries = new Entry[entries];
    }

    /// <summary>False if the ring is full: the vCPU leaves to userspace, which reaps.</summary>
    internal bool TryPush(KvmSlot slot, long bit)
    {
        if (_pushed - _reset >= _entries.Length)
            return false;
        ref Entry entry = ref _entries[_pushed % _entries.Length];
        entry.Slot = slot;
        entry.Bit = bit;
        Volatile.Write(ref entry.State, Dirty);  // Pairs with the acquire load in Reap.
        _pushed++;
        return true;
    }

    internal void Reap(List<(KvmSlot Slot, long Bit)> into)
    {
        while (true)
        {
            ref Entry entry = ref _entries[_fetched % _entries.Length];
            if (Volatile.Read(ref entry.State) != Dirty)
                return;
            into.Add((entry.Slot!, entry.Bit));
            Volatile.Write(ref entry.State, Reaped);  // The kernel may reuse the entry from here on. Pairs with the acquire load in Reset.
            _fetched++;
        }
    }

    internal void Reset()
    {
        while (_reset < _pushed)
        {
            ref Entry entry = ref _entries[_reset % _entries.Length];
            if (Volatile.Read(ref entry.State) != Reaped)
                return;
            Volatile.Write(ref entry.State, Free);
            _reset++;
        }
    }
}
