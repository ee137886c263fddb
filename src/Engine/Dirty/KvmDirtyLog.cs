namespace Verify.Engine.Dirty;

/// <summary>When the kernel forgets what it logged.</summary>
public enum KvmLogMode
{
    /// <summary>KVM_GET_DIRTY_LOG fetches, clears and write-protects in one step.</summary>
    ClearOnGet,

    /// <summary>KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2: get only copies, KVM_CLEAR_DIRTY_LOG clears and write-protects what it is told.</summary>
    ManualClear,

    /// <summary>KVM_CAP_DIRTY_LOG_RING: vCPUs push pages into rings, userspace reaps and resets them.</summary>
    Ring,
}

/// <summary>Which bits KVM_CLEAR_DIRTY_LOG is told to clear.</summary>
public interface IKvmClearRule
{
    /// <summary>Of the bits asked for, those to clear and protect.</summary>
    /// <param name="fetched">Bits userspace was told of and has not cleared.</param>
    /// <param name="asked">Bits of the range asked for.</param>
    ulong Clearable(ulong fetched, ulong asked);
}

/// <summary>Those that were fetched: another would be forgotten (DM15).</summary>
public sealed class FetchedBitsOnly : IKvmClearRule
{
    public ulong Clearable(ulong fetched, ulong asked) => fetched & asked;
}

/// <summary>A kernel's dirty log, simulated: per slot a bitmap, or per vCPU a ring; fetched and ored into every used client.</summary>
/// <remarks>
/// After Linux virt/kvm/kvm_main.c and dirty_ring.c and QEMU accel/kvm/kvm-all.c. The first write to a protected page faults, logs the page and
/// makes it writable; later writes are not seen until the page is protected again.
/// Rule of ManualClear (QEMU 9f4bf4baa8b8, DM15): only bits that were fetched are cleared; clearing another forgets a page nobody was told of. The
/// fetched bits are kept here, so a caller cannot get it wrong.
/// Order for a reader: fetch, clear or reset, and only then read memory. What a vCPU stores between its check and the protection is waited for by
/// <see cref="ITlbRearm.ResetDirty"/>, called before the protecting call returns (KVM's synchronous TLB flush, DM07).
/// </remarks>
public sealed class KvmDirtyLog(KvmLogMode mode, ITlbRearm tlb, int pagesPerBit = 1, IKvmClearRule? clearRule = null)
{
    private readonly object _mmuLock = new();
    private readonly IKvmClearRule _clearRule = clearRule ?? new FetchedBitsOnly();
    private readonly List<KvmSlot> _slots = [];      // under _mmuLock
    private readonly List<KvmDirtyRing> _rings = [];  // under _mmuLock; a ring is listed once it is complete (DM16)

    public KvmLogMode Mode => mode;

    /// <summary>Guest pages a bit stands for: host page size over guest page size.</summary>
    public int PagesPerBit => pagesPerBit;

    /// <summary>Logs the writes to a range; all protected at first.</summary>
    public KvmSlot AddSlot(PageRange range)
    {
        KvmSlot slot = new(range, (range.Count + pagesPerBit - 1) / pagesPerBit);
        lock (_mmuLock)
            _slots.Add(slot);
        return slot;
    }

    /// <summary>The range is gone: what was logged of it is of no use any more. Entries in rings stay, and are reaped as any.</summary>
    public void RemoveSlot(KvmSlot slot)
    {
        lock (_mmuLock)
            _slots.Remove(slot);
    }

    /// <summary>A vCPU's ring.</summary>
    /// <param name="entries">Its size, a power of two.</param>
    public KvmDirtyRing AddRing(int entries)
    {
        if (mode != KvmLogMode.Ring)
            throw new DirtyMemoryException($"The log is in mode {mode}: make it with KvmLogMode.Ring to use rings.");
        KvmDirtyRing ring = new(entries);
        lock (_mmuLock)
            _rings.Add(ring);
        return ring;
    }

    /// <summary>What the kernel does before a vCPU's store to a page; false if the ring is full and the vCPU must leave to userspace, and try again,
    /// first.</summary>
    public bool GuestWrite(KvmSlot slot, long page, KvmDirtyRing? ring = null)
    {
        long bit = slot.BitOf(page, pagesPerBit);
        if (slot.IsWritable(bit))
            return true;
        lock (_mmuLock)
        {
            if (slot.IsWritable(bit))
                return true;
            if (mode != KvmLogMode.Ring)
                slot.Log(bit);
            else if (!(ring ?? throw new DirtyMemoryException("A write in ring mode needs the vCPU's ring: pass it.")).TryPush(slot, bit))
                return false;
            slot.MakeWritable(bit);
            return true;
        }
    }

    /// <summary>KVM_GET_DIRTY_LOG: bit i of the result is the slot's i-th host page.</summary>
    public void Get(KvmSlot slot, Span<ulong> log)
    {
        if (mode == KvmLogMode.Ring)
            throw new DirtyMemoryException("In ring mode there is no bitmap to get: call Reap.");
        bool protectedSome;
        lock (_mmuLock)
            protectedSome = slot.Fetch(log, clear: mode == KvmLogMode.ClearOnGet);
        if (protectedSome)
            tlb.ResetDirty(slot.Range.Start, slot.Range.Count);
    }

    /// <summary>KVM_CLEAR_DIRTY_LOG for those pages of the range that were fetched; others stay logged.</summary>
    public void ClearKnown(KvmSlot slot, PageRange range)
    {
        if (mode != KvmLogMode.ManualClear)
            throw new DirtyMemoryException($"The log is in mode {mode}, which clears by itself: make it with KvmLogMode.ManualClear.");
        if (range.Count == 0)
            return;
        bool any;
        lock (_mmuLock)
            any = slot.ClearFetched(slot.BitOf(range.Start, pagesPerBit), slot.BitOf(range.End - 1, pagesPerBit) + 1, _clearRule);
        if (any)
            tlb.ResetDirty(range.Start, range.Count);
    }

    /// <summary>Fetches everything and ors it into every enabled client among those given; in ring mode also resets the rings.</summary>
    /// <remarks>Enabling a client beside this loses nothing: the client is published, then filled, and a merge that missed it is covered by the
    /// fill.</remarks>
    public void MergeInto<T>(T memory, DirtyClients clients = DirtyClients.All)
        where T : IDirtyMemory
    {
        if (mode == KvmLogMode.Ring)
        {
            Reap(memory, clients);
            return;
        }
        foreach (KvmSlot slot in Copy(_slots))
        {
            ulong[] log = new ulong[(slot.Bits + 63) / 64];
            Get(slot, log);
            if (!BitConverter.IsLittleEndian)
                log = Array.ConvertAll(log, System.Buffers.Binary.BinaryPrimitives.ReverseEndianness);
            memory.MergeDirtyLog(log, slot.Range, pagesPerBit, clients);
        }
    }

    // Reap all rings, reset all rings, flush once; in that order (kvm_dirty_ring_reap).
    private void Reap<T>(T memory, DirtyClients clients)
        where T : IDirtyMemory
    {
        List<(KvmSlot Slot, long Bit)> reaped = [];
        foreach (KvmDirtyRing ring in Copy(_rings))
            ring.Reap(reaped);
        foreach ((KvmSlot slot, long bit) in reaped)
        {
            for (long page = slot.Range.Start + bit * pagesPerBit, end = Math.Min(slot.Range.End, page + pagesPerBit); page < end; page++)
                memory.SetDirtyFlags(page, clients);
        }
        lock (_mmuLock)
        {
            foreach ((KvmSlot slot, long bit) in reaped)
                slot.Protect(bit);
            foreach (KvmDirtyRing ring in _rings)
                ring.Reset();
        }
        foreach (KvmSlot slot in reaped.Select(r => r.Slot).Distinct())
            tlb.ResetDirty(slot.Range.Start, slot.Range.Count);
    }

    private List<T> Copy<T>(List<T> list)
    {
        lock (_mmuLock)
            return [.. list];
    }
}
