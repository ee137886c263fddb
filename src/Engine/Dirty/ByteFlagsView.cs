using System.Numerics;
using System.Runtime.CompilerServices;

namespace Verify.Engine.Dirty;

/// <summary>The operations on one byte of flags per page.</summary>
/// <remarks>Accesses are always whole words of eight flags: one size, so that every access to a flag is to one and the same location.</remarks>
public unsafe struct ByteFlagsView<TSummary> : IDirtyMemory
    where TSummary : struct, IFlagSummary
{
    private readonly BitmapRoots _roots;
    private readonly ulong* _flags;
    private TSummary _summary;

    internal ByteFlagsView(BitmapRoots roots, ulong* flags, TSummary summary, DirtyMemoryOptions options)
    {
        _roots = roots;
        _flags = flags;
        _summary = summary;
        Options = options;
    }

    public DirtyMemoryOptions Options { get; }

    public readonly long PageCount => _roots.PageCount;

    public readonly DirtyClients EnabledClients => _roots.EnabledClients;

    private readonly DirtyClients Unused => DirtyClients.All & ~_roots.EnabledClients;

    public readonly bool GetDirty(long page, DirtyClient client) => (GetDirtyFlags(page) & client.ToSet()) != 0;

    public readonly DirtyClients GetDirtyFlags(long page)
    {
        Check(page);
        return ((DirtyClients)(Volatile.Read(ref _flags[page >> 3]) >> (int)(page & 7) * 8) | Unused) & DirtyClients.All;
    }

    public bool AnyDirty(PageRange range, DirtyClient client) => CleanRun(range, client.ToSet()) < range.Count;

    public bool AllDirty(PageRange range, DirtyClient client) => DirtyRun(range, client.ToSet()) == range.Count;

    public long CleanRun(PageRange range, DirtyClients clients)
    {
        Check(range);
        if ((clients & Unused) != 0)
            return 0;
        ulong wanted = FlagWords.Unroll((byte)clients);
        long last = (range.End + 7) >> 3;
        for (long word = NextMarked(range.Start >> 3, last, wanted); word < last; word = NextMarked(word + 1, last, wanted))
        {
            ulong dirty = Volatile.Read(ref _flags[word]) & wanted & FlagWords.Inside(range, word);
            if (dirty != 0)
                return (word << 3) + BitOperations.TrailingZeroCount(dirty) / 8 - range.Start;
        }
        return range.Count;
    }

    public long DirtyRun(PageRange range, DirtyClients clients)
    {
        Check(range);
        if ((clients & Unused) != 0)
            return range.Count;
        if (clients == DirtyClients.None)
            return 0;
        ulong wanted = FlagWords.Unroll((byte)clients);
        long last = (range.End + 7) >> 3;
        for (long word = range.Start >> 3; word < last; word++)
        {
            while (_summary.IsPresent && (word & 7) == 0 && word + 8 <= last && _summary.KnownFull(word >> 3))
                word += 8;
            if (!_summary.IsPresent)
                word = BitScan.NextIncomplete(_flags, word, last, wanted);
            if (word >= last)
                break;
            ulong clean = FlagWords.ZeroBytes(Volatile.Read(ref _flags[word]) & wanted) & FlagWords.Inside(range, word);
            if (clean != 0)
                return (word << 3) + BitOperations.TrailingZeroCount(clean) / 8 - range.Start;
        }
        return range.Count;
    }

    public void SetDirty(long page) => Or(Check(page), 0xff);

    public void SetDirty(long page, DirtyClient client) => Or(Check(page), (byte)client.ToSet());

    public DirtyClients SetDirtyFlags(long page, DirtyClients clients)
    {
        Or(Check(page), FlagWords.SetByte(clients));
        return GetDirtyFlags(page);
    }

    public void SetDirtyWord(long page, ulong mask, DirtyClients clients)
    {
        if (page % 64 != 0)
            throw new DirtyMemoryException($"Page {page} does not begin a word: pass a multiple of 64.");
        if (mask == 0)
            return;
        Check(page + 63 - BitOperations.LeadingZeroCount(mask));
        for (int i = 0; i < 8; i++)
        {
            ulong pages = FlagWords.Spread(mask >> i * 8);
            if (pages != 0)
                _summary.Or(_flags, (page >> 3) + i, pages * FlagWords.SetByte(clients));
        }
    }

    public void SetDirtyRange(PageRange range, DirtyClients clients)
    {
        Check(range);
        ulong flags = FlagWords.Unroll(FlagWords.SetByte(clients));
        for (long word = range.Start >> 3; word << 3 < range.End; word++)
            _summary.Or(_flags, word, flags & FlagWords.Inside(range, word));
        if (range.Count != 0)
            Options.Listener?.Modified(range.ToBytes());
    }

    public void ClearDirtyRange(PageRange range, DirtyClients clients)
    {
        Check(range);
        Clear(range, clients & EnabledClients);
    }

    public bool TestAndClearDirty(PageRange range, DirtyClient client)
    {
        Check(range);
        if (range.Count == 0)
            return false;
        if (!EnabledClients.Includes(client))
            return true;
        bool dirty = Clear(range, client.ToSet());
        if (dirty)
            Options.Tlb.ResetDirty(range.Start, range.Count);
        return dirty;
    }

    public long SyncDirtyBitmap(Span<ulong> destination, PageRange range, DirtyClient client = DirtyClient.Migration)
    {
        Check(range);
        if (destination.Length * 64L < range.Count)
            throw new DirtyMemoryException($"A bitmap of {destination.Length} words for {range.Count} pages: give one bit per page of the range.");
        BitmapTransfer transfer = new(destination);
        if (!EnabledClients.Includes(client))
        {
            transfer.AddAll(0, range.Count);
            return transfer.NewlyDirty;
        }
        ulong wanted = FlagWords.Unroll((byte)client.ToSet());
        long last = (range.End + 7) >> 3;
        for (long word = NextMarked(range.Start >> 3, last, wanted); word < last; word = NextMarked(word + 1, last, wanted))
        {
            ulong taken = wanted & FlagWords.Inside(range, word);
            taken &= _summary.And(_flags, word, ~taken);
            if (taken != 0)
                transfer.Add(FlagWords.Gather(taken, (int)client), (word << 3) - range.Start);
        }
        if (transfer.Taken)
        {
            _summary.Cleared(_flags, range.Start >> 6, (range.End - 1) >> 6, _roots);
            Options.Tlb.ResetDirty(range.Start, range.Count);
        }
        else
        {
            Interlocked.MemoryBarrier();  // As in AtomicBits.TakeRange.
        }
        return transfer.NewlyDirty;
    }

    public readonly void Detach()
    {
    }

    private void Or(long page, byte flags) => _summary.Or(_flags, page >> 3, (ulong)flags << (int)(page & 7) * 8);

    private bool Clear(PageRange range, DirtyClients clients)
    {
        ulong wanted = FlagWords.Unroll((byte)clients), found = 0;
        long last = (range.End + 7) >> 3;
        for (long word = NextMarked(range.Start >> 3, last, wanted); word < last; word = NextMarked(word + 1, last, wanted))
        {
            ulong taken = wanted & FlagWords.Inside(range, word);
            if (taken != 0)
                found |= _summary.And(_flags, word, ~taken) & taken;
        }
        if (found != 0)
            _summary.Cleared(_flags, range.Start >> 6, (range.End - 1) >> 6, _roots);
        else
            Interlocked.MemoryBarrier();  // As in AtomicBits.TakeRange.
        return found != 0;
    }

    // The next word in [word, last) with one of the wanted flags; whole groups are skipped by the summary or by vectors.
    private long NextMarked(long word, long last, ulong wanted)
    {
        if (!_summary.IsPresent)
            return BitScan.NextMasked(_flags, word, last, wanted);
        while (word < last)
        {
            if ((word & 7) == 0 && _summary.KnownClean(word >> 3))
            {
                word += 8;
                continue;
            }
            long end = Math.Min(last, (word | 7) + 1);
            word = BitScan.NextMasked(_flags, word, end, wanted);
            if (word < end)
                return word;
        }
        return last;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly long Check(long page)
    {
        if ((ulong)page >= (ulong)_roots.PageCount)
            PageBounds.Throw(new PageRange(page, 1), PageCount);
        return page;
    }

    private readonly void Check(PageRange range)
    {
        if (!PageBounds.Contains(PageCount, range))
            PageBounds.Throw(range, PageCount);
    }
}
