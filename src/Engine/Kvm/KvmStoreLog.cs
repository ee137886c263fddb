using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Engine.Kvm;

/// <summary>vCPU stores recorded by a kernel instead of the machine: the clients see none of them until they fetch the kernel's log.</summary>
/// <remarks>
/// <see cref="KvmDirtyLog"/> on the machine's real store path: a page whose stores the kernel does not see is not watched, and protecting it re-arms
/// the vCPUs' TLBs. As QEMU with KVM, every client fetches before it looks (<see cref="Fetch"/>), into all clients that are used.
/// </remarks>
public sealed class KvmStoreLog
{
    private readonly GuestRam _ram;
    private readonly DirtyTracking _tracking;
    private readonly KvmDirtyLog _log;
    private readonly object _slotsLock = new();
    private readonly object _reapLock = new();   // one thread reaps; outside _slotsLock
    private readonly KvmDirtyRing?[] _rings;
    private KvmSlot[] _slots = [];               // volatile, its elements do not change; written under _slotsLock

    /// <param name="ram">With dirty memory.</param>
    /// <param name="mode">How the kernel hands its log over.</param>
    /// <param name="cpus">vCPUs, for a ring each.</param>
    /// <param name="ringEntries">Pages a vCPU's ring holds, a power of two; a vCPU that finds it full reaps.</param>
    internal KvmStoreLog(GuestRam ram, KvmLogMode mode, int cpus, int ringEntries)
    {
        (_ram, _tracking) = (ram, ram.Dirty!);
        _log = new KvmDirtyLog(mode, _tracking);
        _rings = new KvmDirtyRing?[cpus];
        for (int i = 0; mode == KvmLogMode.Ring && i < cpus; i++)
        {
            _rings[i] = _log.AddRing(ringEntries);
        }

        AddSlot(new PageRange(0, ram.PageCount));
    }

    public KvmLogMode Mode => _log.Mode;

    /// <summary>Logs a block of RAM that is about to be reachable.</summary>
    internal void AddSlot(PageRange range)
    {
        KvmSlot slot = _log.AddSlot(range);
        lock (_slotsLock)
        {
            Volatile.Write(ref _slots, [.. _slots, slot]);
        }
    }

    /// <summary>The block is gone.</summary>
    internal void RemoveSlot(long firstPage)
    {
        lock (_slotsLock)
        {
            if (Array.Find(_slots, slot => slot.Range.Start == firstPage) is { } slot)
            {
                _log.RemoveSlot(slot);
                Volatile.Write(ref _slots, Array.FindAll(_slots, other => other != slot));
            }
        }
    }

    /// <summary>The page is protected: the kernel wants to see the next store into it.</summary>
    internal bool Wants(long page) => Find(page) is { } slot && !slot.IsWritable(page - slot.Range.Start);

    /// <summary>A vCPU has stored to the page.</summary>
    internal void Store(long page, int cpu)
    {
        if (Find(page) is not { } slot)
        {
            return;
        }

        while (!_log.GuestWrite(slot, page, _rings[cpu]))
        {
            Fetch(DirtyClients.NoCode); // KVM_EXIT_DIRTY_RING_FULL: the vCPU's thread is in userspace, and reaps
        }
    }

    /// <summary>Moves the kernel's log into the clients that are used; for a log that is cleared by hand, clears what was fetched.</summary>
    public void Fetch(DirtyClients clients)
    {
        lock (_reapLock)
        {
            _tracking.Use(view => _log.MergeInto(view, clients));
            foreach (KvmSlot slot in Mode == KvmLogMode.ManualClear ? Volatile.Read(ref _slots) : [])
            {
                _log.ClearKnown(slot, slot.Range);
            }
        }
    }

    private KvmSlot? Find(long page)
    {
        foreach (KvmSlot slot in Volatile.Read(ref _slots))
        {
            if (page >= slot.Range.Start && page < slot.Range.End)
            {
                return slot;
            }
        }

        return null;
    }
}
