using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Engine.Display;

/// <summary>By the D-bits of the page tables through which the guest draws: scanned and cleared, with the rules of Deegan's review.</summary>
/// <remarks>
/// After races.md 2.5 (xen-devel, 28 July 2007), on the machine's own Sv39 tables and TLBs. The one mapping the guest is expected to draw through is
/// learnt from its TLB misses. A scan clears D, then has every vCPU flush its TLB and waits for that, and only then answers: a later store misses,
/// and the walker sets D again (DM19). It cannot vouch for its answer, and the caller compares, if since the last one somebody could write the
/// picture past that mapping: through another address, another table, a large page, or without translation. A store of the guest to one of the
/// entries loses the history of its D-bit, so it marks the page: the pages of the tables are watched.
/// An entry's history is known from its first scan on, so the first answer after a mapping was learnt, or a table replaced, is a comparison too.
/// The guest finds D clear where it had been set, as one whose hypervisor clears it does; for memory that is never swapped that is of no account.
/// </remarks>
public unsafe class PageTableLines<TSteps> : ILineSource
    where TSteps : struct, IScanSteps
{
    private const int Levels = 3;
    private const ulong FrameMask = ((1UL << 44) - 1) << 10;

    /// <summary>A page of a picture is mapped for stores at this address under this root; or without a root, if it is not translated.</summary>
    private readonly record struct Mapping(ulong Root, ulong Base);

    private readonly Machine _machine;
    private readonly object _gate = new();                        // a leaf: vCPUs take it inside a TLB miss
    private readonly Dictionary<ulong, long> _slots = [];         // under _gate; entry's physical address -> page of the picture, or -1 for all
    private HashSet<Mapping> _seen = [];                          // under _gate; writable mappings brought in since the last flush began
    private readonly HashSet<long> _watched = [];                 // the scanning thread's
    private LinearFramebuffer _picture;                           // under _gate
    private PageRange _pages;                                     // under _gate
    private ulong[] _pending = [];                                // under _gate; written, not yet reported
    private Mapping? _learnt;                                     // under _gate

    public PageTableLines(Machine machine)
    {
        _machine = machine;
        machine.PageTableChanged = EntryStored;
        machine.WritableMapping = MappingSeen;
        machine.StoredPastTlb = MarkBytes;
        machine.TlbFlushAllCpusAndWait(); // from here on every mapping that is used is seen
    }

    public void Show(LinearFramebuffer picture, PageRange pages)
    {
        lock (_gate)
        {
            (_picture, _pages) = (picture, pages);
            _pending = new ulong[(pages.Count + 63) / 64];
            _learnt = null;
            _seen.Clear();
            _slots.Clear();
            MarkAll();
        }

        _machine.TlbFlushAllCpusAndWait();
    }

    public bool Collect(Span<ulong> dirty)
    {
        Mapping? learnt;
        HashSet<Mapping> used; // what stores may have gone through since the last answer
        lock (_gate)
        {
            (learnt, used, _seen) = (_learnt, _seen, []);
        }

        bool isKnown = learnt is { } mapping && Scan(mapping);
        TSteps.FlushTlbs(_machine); // before anything is reported, or D is never set again through cached entries
        lock (_gate)
        {
            used.UnionWith(_seen); // and it stays for the next answer: some may have been brought in after the flush, and be used after this one
            bool isOnly = used.All(seen => seen == learnt);
            if (!isOnly && used.Count == 1)
            {
                Mapping other = used.First();
                _learnt = other.Root != 0 ? other : _learnt; // the guest draws through another one now
            }

            if (!TSteps.KeepsNewMappings)
            {
                _seen.Clear();
            }

            if (!isKnown || !isOnly)
            {
                Array.Clear(_pending); // the comparison that follows finds all of it
                return false;
            }

            for (int w = 0; w < _pending.Length; w++)
            {
                dirty[w] |= _pending[w];
                _pending[w] = 0;
            }

            return true;
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _machine.PageTableChanged = null;
        _machine.WritableMapping = null;
        _machine.StoredPastTlb = null;
        foreach (long page in _watched.Where(page => _machine.Ram.HostOfPage(page) != null))
        {
            _machine.Ram.Unwatch(page, GuestRam.HasPageTable);
        }
    }

    // Watches the tables first, so that no change is missed after an entry was read.
    private bool Scan(Mapping mapping)
    {
        using Machine.RamSection section = _machine.ReadRam(); // the tables may be in a block that is being removed
        bool isNew = false;
        for (bool isWatched = false; !isWatched;)
        {
            isWatched = true;
            for (long page = 0; page < _pages.Count; page++)
            {
                if (!Walk(mapping, page, ref isWatched, ref isNew))
                {
                    return false;
                }
            }
        }

        return !isNew || !TSteps.DoubtsNewEntries;
    }

    /// <returns>False if the page is not mapped there, writable and alone: back off.</returns>
    private bool Walk(Mapping mapping, long page, ref bool isWatched, ref bool isNew)
    {
        ulong va = mapping.Base + ((ulong)page << GuestRam.PageBits);
        ulong frame = (_picture.Address & TlbEntry.PageMask) + ((ulong)page << GuestRam.PageBits);
        ulong table = mapping.Root;
        for (int level = Levels - 1; level >= 0; level--)
        {
            ulong at = table + (8 * ((va >> (12 + (9 * level))) & 511));
            if (!_machine.Ram.TryHost(at, 8, out byte* host))
            {
                return false;
            }

            if (_watched.Add(_machine.Ram.PageNumberOf(host)))
            {
                _machine.Ram.Watch(_machine.Ram.PageNumberOf(host), 1, GuestRam.HasPageTable);
                isWatched = false;
            }

            lock (_gate)
            {
                isNew |= !_slots.ContainsKey(at);
                _slots[at] = level == 0 ? page : -1;
            }

            ref ulong entry = ref *(ulong*)host;
            ulong value = Volatile.Read(ref entry);
            bool isLeaf = (value & (PageWalker.Readable | PageWalker.Executable)) != 0;
            if ((value & PageWalker.Valid) == 0 || isLeaf != (level == 0) || (level == 0 && ((value & FrameMask) << 2) != frame))
            {
                return false;
            }

            if (level == 0 && (value & PageWalker.Dirty) != 0)
            {
                // Atomic against the walkers' compare-exchange; and only D of what was judged, or a store of the guest would be undone.
                if (Interlocked.CompareExchange(ref entry, value & ~PageWalker.Dirty, value) == value)
                {
                    _machine.Ram.DeviceWrote(at, 8);
                }

                Mark(page);
            }

            table = (value & FrameMask) << 2;
        }

        return true;
    }

    // By a vCPU, before it can store through the mapping.
    private void MappingSeen(ulong root, ulong va, ulong physical)
    {
        lock (_gate)
        {
            ulong first = _picture.Address & TlbEntry.PageMask;
            if (physical - first < (ulong)_pages.Count << GuestRam.PageBits)
            {
                _seen.Add(new Mapping(root, (va & TlbEntry.PageMask) - ((physical & TlbEntry.PageMask) - first)));
            }
        }
    }

    // By a vCPU, after it has stored to a watched page.
    private void EntryStored(ulong address, int size)
    {
        lock (_gate)
        {
            for (ulong at = address & ~7UL; at < address + (ulong)size; at += 8)
            {
                if (_slots.TryGetValue(at, out long page) && page >= 0)
                {
                    MarkLocked(page);
                }
                else if (page < 0)
                {
                    MarkAll();
                }
            }
        }
    }

    // By anybody who stores to RAM otherwise than through a TLB.
    private void MarkBytes(ulong address, ulong length)
    {
        lock (_gate)
        {
            ulong first = _picture.Address & TlbEntry.PageMask, end = first + ((ulong)_pages.Count << GuestRam.PageBits);
            for (ulong at = Math.Max(address & TlbEntry.PageMask, first); at < Math.Min(address + length, end); at += GuestRam.PageSize)
            {
                MarkLocked((long)((at - first) >> GuestRam.PageBits));
            }
        }
    }

    private void Mark(long page)
    {
        lock (_gate)
        {
            MarkLocked(page);
        }
    }

    // Under _gate.
    private void MarkLocked(long page) => _pending[page / 64] |= 1UL << (int)page;

    // Under _gate.
    private void MarkAll()
    {
        for (long page = 0; page < _pages.Count; page++)
        {
            MarkLocked(page);
        }
    }
}

/// <summary>The scan with all its steps.</summary>
public sealed class PageTableLines(Machine machine) : PageTableLines<ScanSteps>(machine);
