namespace Verify.Engine.Dirty;

/// <summary>One vCPU's TLB over a <see cref="PteTable"/>, with the hardware's rule for D: set only if the cached entry says "not dirty
/// yet".</summary>
public sealed class PteTlb(PteTable table, long[] frames)
{
    private readonly record struct Cached(long Frame, bool DirtySeen);

    private readonly object _gate = new();                    // held over lookup and store: a flush waits for a store in flight, as an IPI does
    private readonly Dictionary<long, Cached> _entries = [];  // under _gate; by virtual page, writable mappings only

    /// <summary>Stores to a virtual page; false on a fault (not present, read-only, or blocked above).</summary>
    public bool GuestWrite(long va, long value)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(va, out Cached cached) || !cached.DirtySeen)
            {
                // On a miss, or on the first write through a clean entry, the MMU walks and sets D, with the frame it found then.
                if (table.IsBlocked(va) || !SetDirty(va, out long frame))
                {
                    _entries.Remove(va);
                    return false;
                }
                cached = new Cached(frame, true);
                _entries[va] = cached;
            }
            Volatile.Write(ref frames[cached.Frame], value);
            return true;
        }
    }

    /// <summary>Loads an entry without writing: it is cached with D as not seen.</summary>
    public bool GuestRead(long va, out long value)
    {
        lock (_gate)
        {
            Pte pte = table.Load(va);
            value = 0;
            if (!pte.IsPresent)
                return false;
            if (pte.IsWritable)
                _entries.TryAdd(va, new Cached(pte.Frame, pte.IsDirty));
            value = Volatile.Read(ref frames[_entries.TryGetValue(va, out Cached cached) ? cached.Frame : pte.Frame]);
            return true;
        }
    }

    /// <summary>Forgets everything; on return no store goes through an entry cached before.</summary>
    public void Flush()
    {
        lock (_gate)
            _entries.Clear();
    }

    // An atomic read-modify-write with a new walk if the entry changed: a plain store would undo a concurrent unmap or clear.
    private bool SetDirty(long va, out long frame)
    {
        while (true)
        {
            Pte pte = table.Load(va);
            frame = pte.Frame;
            if (!pte.IsPresent || !pte.IsWritable)
                return false;
            ulong marked = pte.Raw | Pte.Accessed | Pte.Dirty;
            if (Interlocked.CompareExchange(ref table[va], marked, pte.Raw) == pte.Raw)
                return true;
        }
    }
}
