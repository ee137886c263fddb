using System.Numerics;

namespace Verify.Engine.Dirty;

/// <summary>The operations of <see cref="MasterBitmapDirtyMemory{TBits, TDrain}"/>: those of client bitmaps, after a drain.</summary>
public unsafe struct MasterBitmapView<TBits, TDrain> : IDirtyMemory
    where TBits : struct, IBitmapBits
    where TDrain : struct, IMasterDrain
{
    private readonly MasterBitmap _master;
    private readonly BitmapRoots _roots;
    private BitmapView<FlatStore, TBits> _clients;

    internal MasterBitmapView(BitmapView<FlatStore, TBits> clients, MasterBitmap master, DirtyMemoryOptions options)
    {
        _clients = clients;
        _roots = clients.Roots;
        _master = master;
        Options = options;
    }

    public DirtyMemoryOptions Options { get; }

    public long PageCount => _clients.PageCount;

    public DirtyClients EnabledClients => _clients.EnabledClients;

    public bool GetDirty(long page, DirtyClient client)
    {
        if (client == DirtyClient.Code)
            return _clients.GetDirty(page, client);
        long epoch = _master.Epoch;
        if (IsInMaster(page) && _roots.Load(client) != 0)
            return true;
        // Master before client: a bit that left master before we looked has arrived, unless a drain is on its way.
        if (_clients.GetDirty(page, client))
            return true;
        if ((epoch & 1) == 0 && _master.Epoch == epoch)
            return false;
        default(TDrain).Begin(_master.DrainLock);
        try
        {
            return IsInMaster(page) || _clients.GetDirty(page, client);
        }
        finally
        {
            default(TDrain).End(_master.DrainLock);
        }
    }

    public DirtyClients GetDirtyFlags(long page)
    {
        DirtyClients flags = DirtyClients.None;
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
            flags |= GetDirty(page, c) ? c.ToSet() : DirtyClients.None;
        return flags;
    }

    public bool AnyDirty(PageRange range, DirtyClient client) => CleanRun(range, client.ToSet()) < range.Count;

    public bool AllDirty(PageRange range, DirtyClient client) => DirtyRun(range, client.ToSet()) == range.Count;

    public long CleanRun(PageRange range, DirtyClients clients)
    {
        using Drained drained = Drain(range, clients);
        return _clients.CleanRun(range, clients);
    }

    public long DirtyRun(PageRange range, DirtyClients clients)
    {
        using Drained drained = Drain(range, clients);
        return _clients.DirtyRun(range, clients);
    }

    public void SetDirty(long page) => SetWord(Check(page), 1UL << (int)page, DirtyClients.All);

    public void SetDirty(long page, DirtyClient client) => _clients.SetDirty(page, client);

    public DirtyClients SetDirtyFlags(long page, DirtyClients clients)
    {
        SetWord(Check(page), 1UL << (int)page, clients);
        return GetDirtyFlags(page);
    }

    public void SetDirtyWord(long page, ulong mask, DirtyClients clients)
    {
        if (page % 64 != 0)
            throw new DirtyMemoryException($"Page {page} does not begin a word: pass a multiple of 64.");
        if (mask == 0)
            return;
        Check(page + 63 - BitOperations.LeadingZeroCount(mask));
        SetWord(page, mask, clients);
    }

    public void SetDirtyRange(PageRange range, DirtyClients clients)
    {
        Check(range);
        if ((clients & DirtyClients.NoCode) == DirtyClients.NoCode)
        {
            default(TBits).SetRange(_master.Words, range.Start, range.Count);
            clients &= DirtyClients.Code;
        }
        _clients.SetDirtyRange(range, clients);
        if (range.Count != 0)
            Options.Listener?.Modified(range.ToBytes());
    }

    public void ClearDirtyRange(PageRange range, DirtyClients clients)
    {
        using Drained drained = Drain(range, clients);
        _clients.ClearDirtyRange(range, clients);
    }

    public bool TestAndClearDirty(PageRange range, DirtyClient client)
    {
        bool dirty;
        using (Drain(range, client.ToSet()))
            dirty = _clients.TestAndClearDirty(range, client);
        if (dirty && EnabledClients.Includes(client)) // asked afterwards: it may have come since the call, and then its bits were taken
            Options.Tlb.ResetDirty(range.Start, range.Count);
        return dirty;
    }

    public long SyncDirtyBitmap(Span<ulong> destination, PageRange range, DirtyClient client = DirtyClient.Migration)
    {
        Check(range);
        if (destination.Length * 64L < range.Count)
            throw new DirtyMemoryException($"A bitmap of {destination.Length} words for {range.Count} pages: give one bit per page of the range.");
        BitmapTransfer transfer = new(destination);
        nint bitmap;
        using (Drain(range, client.ToSet()))
        {
            bitmap = _roots.Load(client);
            if (bitmap == 0)
                transfer.AddAll(0, range.Count);
            else
                transfer.Take<TBits>((ulong*)bitmap, range.Start, range.Count, 0);
        }
        if (bitmap != 0 && transfer.Taken)
            Options.Tlb.ResetDirty(range.Start, range.Count);
        return transfer.NewlyDirty;
    }

    public readonly void Detach()
    {
    }

    private readonly bool IsInMaster(long page) =>
        page >= 0 && page < _roots.PageCount && (Volatile.Read(ref _master.Words[page >> 6]) >> (int)page & 1) != 0;

    private void SetWord(long page, ulong mask, DirtyClients clients)
    {
        if ((clients & DirtyClients.NoCode) == DirtyClients.NoCode)
        {
            default(TBits).Or(_master.Words + (page >> 6), mask);
            clients &= DirtyClients.Code;
        }
        if (clients != DirtyClients.None)
            _clients.SetDirtyWord(page & ~63L, mask, clients);
    }

    // Bits of the range are where the client looks for them, and no drain is in flight, until disposed. CODE alone needs neither.
    private Drained Drain(PageRange range, DirtyClients clients)
    {
        Check(range);
        if ((clients & DirtyClients.NoCode) == 0)
            return default;
        default(TDrain).Begin(_master.DrainLock);
        _master.Drain<TDrain>(range, _roots, clients.Includes(DirtyClient.Migration) ? DirtyClient.Migration : DirtyClient.Display);
        return new Drained(_master.DrainLock);
    }

    private long Check(long page)
    {
        Check(new PageRange(page, 1));
        return page;
    }

    private void Check(PageRange range)
    {
        if (!PageBounds.Contains(PageCount, range))
            PageBounds.Throw(range, PageCount);
    }

    private readonly ref struct Drained(object? drainLock)
    {
        public void Dispose()
        {
            if (drainLock is not null)
                default(TDrain).End(drainLock);
        }
    }
}
