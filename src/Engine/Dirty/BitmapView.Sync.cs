namespace Verify.Engine.Dirty;

/// <content>Moving dirty pages into a bitmap: word by word where there are few, block by block where there are many.</content>
public unsafe partial struct BitmapView<TStore, TBits>
{
    private const int MostBlocksAtOnce = 32;  // between two grace periods; 8 MiB of bitmap

    public long SyncDirtyBitmap(Span<ulong> destination, PageRange range, DirtyClient client = DirtyClient.Migration)
    {
        Check(range);
        if (destination.Length * 64L < range.Count)
            throw new DirtyMemoryException($"A bitmap of {destination.Length} words for {range.Count} pages: give one bit per page of the range.");
        BitmapTransfer transfer = new(destination);
        IBlockTaker? taker = _store.Taker(client);
        Span<long> dense = stackalloc long[taker is null ? 1 : MostBlocksAtOnce];
        for (long page = range.Start; page < range.End;)
        {
            page = TakeWords(ref transfer, range, page, client, taker, dense, out int denseBlocks);
            if (denseBlocks != 0)
                TakeBlocks(ref transfer, range, client, taker!, dense[..denseBlocks]);
        }
        // After the bits left their words and blocks: an entry that is filled in later finds them gone, and this finds the others.
        if (transfer.Taken)
            options.Tlb.ResetDirty(range.Start, range.Count);
        return transfer.NewlyDirty;
    }

    // Takes pages from `page` on; of blocks that turn out to be dense only the beginning, and of each notes a page. Returns where to go on.
    private long TakeWords(
        ref BitmapTransfer transfer, PageRange range, long page, DirtyClient client, IBlockTaker? taker, scoped Span<long> dense, out int denseBlocks)
    {
        denseBlocks = 0;
        bool entered = _store.Enter();
        nint bitmap = _store.Open(client);
        while (bitmap != 0 && page < range.End && denseBlocks < dense.Length)
        {
            long count = range.End - page;
            ulong* words = _store.SegmentOf(bitmap, page, ref count, out long offset);
            bool isWhole = taker is not null && offset == 0 && (count == taker.BlockPages || page + count >= PageCount);
            long done = transfer.Take<TBits>(
                words, offset, count, page - range.Start, isWhole ? taker!.DenseWords : DirtyMemoryOptions.NeverDense);
            if (done < count)
                dense[denseBlocks++] = page;
            page += count;
        }
        if (bitmap != 0)
            _store.Verify(bitmap);
        _store.Leave(entered);
        if (bitmap != 0)
            return page;
        transfer.AddAll(page - range.Start, range.End - page);
        return range.End;
    }

    private void TakeBlocks(ref BitmapTransfer transfer, PageRange range, DirtyClient client, IBlockTaker taker, scoped ReadOnlySpan<long> pages)
    {
        Span<nint> blocks = stackalloc nint[pages.Length];
        nint swapped = taker.Swap(client, range, pages, blocks);
        if (swapped != 0)
            taker.AwaitSetters(swapped);
        for (int i = 0; i < pages.Length; i++)
        {
            PageRange part = new(pages[i], Math.Min(taker.BlockPages, range.End - pages[i]));
            if (blocks[i] == 0)
            {
                TakeWords(ref transfer, range with { Count = part.End - range.Start }, part.Start, client, null, [0], out _);
                continue;
            }
            transfer.MoveOwned(((BitmapBlock*)blocks[i])->Words, part.Count, part.Start - range.Start);
            taker.Recycle(blocks[i]);
        }
    }
}
