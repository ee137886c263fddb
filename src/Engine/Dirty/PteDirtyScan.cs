namespace Verify.Engine.Dirty;

/// <summary>Whether a scan's bitmap can be used.</summary>
public enum LfbScan
{
    Ok,

    /// <summary>The scan cannot vouch for its answer: compare the frame buffer with a copy instead.</summary>
    SlowPath,
}

/// <summary>What a scan of D-bits may get wrong; a struct, so that a variant costs nothing.</summary>
public interface IPteScanRules
{
    /// <summary>Clears D in one entry and returns the entry before.</summary>
    ulong ClearDirty(ref ulong entry);

    /// <summary>Makes the hardware set D again (DM19).</summary>
    void FlushAfterClear(ReadOnlySpan<PteTlb> tlbs);

    /// <summary>Whether an answer is allowed although the frame has so many writable mappings besides the scanned one.</summary>
    bool Allows(int otherWritableMappings);

    /// <summary>Whether a made or cleared mapping marks its page, whose D history is unknown.</summary>
    bool MarksOnChange { get; }
}

/// <summary>Deegan's rules.</summary>
public readonly struct DeeganRules : IPteScanRules
{
    // Atomic against the MMU's compare-exchange on the same word; neighbours are other words.
    public ulong ClearDirty(ref ulong entry) => Interlocked.And(ref entry, ~Pte.Dirty);

    public void FlushAfterClear(ReadOnlySpan<PteTlb> tlbs)
    {
        foreach (PteTlb tlb in tlbs)
            tlb.Flush();
    }

    public bool Allows(int otherWritableMappings) => otherWritableMappings == 0;

    public bool MarksOnChange => true;
}

/// <summary>Thread 4: which pages of a linear frame buffer were written, from the D-bits of the one mapping the guest is expected to have.</summary>
/// <remarks>
/// After Deegan's review of "[PATCH] HVM: dirty-bitmap of LFB by D-bits" (xen-devel, 28 July 2007). Guarantee: after <see cref="LfbScan.Ok"/> every
/// store not in the frame buffer as the caller reads it afterwards is in a later bitmap. The caller reads pixels after the call, never before.
/// The domain is not paused: the shadow lock orders scans against changes of mappings, and the flush waits for stores in flight.
/// Pages found before a scan had to back off are kept for the next one.
/// Correction: the review says to give up on "a writeable count &gt; 1". If the expected mapping is read-only and an alias is the one writable
/// mapping, that count is 1 and the alias's D-bit is never looked at; what counts is writable mappings other than the scanned one (found by the
/// property test).
/// </remarks>
public sealed class PteDirtyScan<TRules>
    where TRules : struct, IPteScanRules
{
    private readonly object _shadowLock = new();
    private readonly PteTable _table;
    private readonly PteTlb[] _tlbs;
    private readonly long[] _lfbFrames;                        // frame of each page of the frame buffer; need not be contiguous
    private readonly Dictionary<long, int> _lfbPageOf = [];    // immutable after construction
    private readonly int[] _writable;                          // under _shadowLock; writable mappings of each page's frame
    private readonly ulong[] _pending;                         // under _shadowLock; written, not yet reported
    private long _lfbVa = -1;                                  // under _shadowLock; -1 until learnt

    public PteDirtyScan(PteTable table, IEnumerable<PteTlb> tlbs, IEnumerable<long> lfbFrames)
    {
        _table = table;
        _tlbs = [.. tlbs];
        _lfbFrames = [.. lfbFrames];
        _writable = new int[_lfbFrames.Length];
        _pending = new ulong[(_lfbFrames.Length + 63) / 64];
        for (int i = 0; i < _lfbFrames.Length; i++)
            _lfbPageOf.Add(_lfbFrames[i], i);
    }

    /// <summary>sh_page_fault's one equality test: a write to the frame buffer's first frame tells its virtual address.</summary>
    public void LearnLfbVa(long faultVa, long frame)
    {
        lock (_shadowLock)
        {
            if (frame == _lfbFrames[0])
                _lfbVa = faultVa;
        }
    }

    /// <summary>shadow_set_l1e: replaces an entry, and marks the pages that arrive or depart.</summary>
    public void SetL1e(long va, Pte entry)
    {
        lock (_shadowLock)
        {
            Pte old = new(Interlocked.Exchange(ref _table[va], entry.Raw));
            if (old.IsPresent)
            {
                foreach (PteTlb tlb in _tlbs)
                    tlb.Flush();
            }
            // After the flush: no store goes through the old mapping any more, so the mark covers all there were.
            Change(old, -1);
            Change(entry, 1);
        }
    }

    /// <summary>Unmaps a page.</summary>
    public void ClearL1e(long va) => SetL1e(va, default);

    /// <summary>Reports and clears. Bit i of the bitmap is the frame buffer's page i; ored into.</summary>
    public LfbScan GetLfbDirty(Span<ulong> bitmap)
    {
        lock (_shadowLock)
        {
            if (_lfbVa < 0 || _lfbVa + _lfbFrames.Length > _table.VirtualPages)
                return LfbScan.SlowPath;
            LfbScan verdict = Walk(out bool cleared);
            // Before anything is reported, or D is never set again through cached entries (DM19).
            if (cleared)
                default(TRules).FlushAfterClear(_tlbs);
            if (verdict == LfbScan.SlowPath)
                return verdict;
            for (int w = 0; w < _pending.Length; w++)
            {
                bitmap[w] |= _pending[w];
                _pending[w] = 0;
            }
            return LfbScan.Ok;
        }
    }

    /// <summary>Flushes the TLBs of the vCPUs in the mask.</summary>
    public void FlushTlb(ulong mask)
    {
        for (int i = 0; i < _tlbs.Length; i++)
        {
            if ((mask >> i & 1) != 0)
                _tlbs[i].Flush();
        }
    }

    // under _shadowLock
    private LfbScan Walk(out bool cleared)
    {
        cleared = false;
        for (int page = 0; page < _lfbFrames.Length; page++)
        {
            long va = _lfbVa + page;
            if (_table.IsBlocked(va))
                return LfbScan.SlowPath;  // A real walk would fault: the mapping is read-only at a higher level.
            Pte pte = _table.Load(va);
            if (!pte.IsPresent || pte.Frame != _lfbFrames[page] || !default(TRules).Allows(_writable[page] - (pte.IsWritable ? 1 : 0)))
                return LfbScan.SlowPath;
            if (!pte.IsDirty)
                continue;
            default(TRules).ClearDirty(ref _table[va]);
            cleared = true;
            Mark(page);
        }
        return LfbScan.Ok;
    }

    // under _shadowLock
    private void Change(Pte pte, int mappings)
    {
        if (!pte.IsPresent || !_lfbPageOf.TryGetValue(pte.Frame, out int page))
            return;
        if (pte.IsWritable)
            _writable[page] += mappings;
        if (default(TRules).MarksOnChange)
            Mark(page);
    }

    private void Mark(int page) => _pending[page / 64] |= 1UL << page % 64;
}
