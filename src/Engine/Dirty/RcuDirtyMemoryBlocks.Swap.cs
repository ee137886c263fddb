namespace Verify.Engine.Dirty;

/// <content>Taking blocks whole; see <see cref="IBlockTaker"/>.</content>
public sealed unsafe partial class RcuDirtyMemoryBlocks<TRcu, TBits, TGrowth>
{
    private const int MostSpares = 32;

    private readonly Stack<nint> _spares = [];  // under _lock; blocks that are clean and nobody's

    long IBlockTaker.BlockPages => _options.BlockPages;

    int IBlockTaker.DenseWords => _options.DenseWords;

    nint IBlockTaker.Swap(DirtyClient client, PageRange range, ReadOnlySpan<long> pages, Span<nint> taken)
    {
        taken.Clear();
        if (_rcu.IsCallerInside)
            return 0;  // it would wait for itself
        default(TGrowth).BeginSwap(_lock);
        try
        {
            BlockArray* old = (BlockArray*)_roots.Load(client);
            if (old == null)
                return 0;
            BlockArray* array = (BlockArray*)_memory.Allocate(BlockArray.BytesFor(old->Count));
            (array->Count, array->Pages) = (old->Count, old->Pages);
            for (long i = 0; i < old->Count; i++)
                BlockArray.Put(array, i, BlockArray.Block(old, i), _options.BlockPages);
            for (int i = 0; i < pages.Length; i++)
            {
                long index = pages[i] / _options.BlockPages;
                // Under the lock of growth: who sees a later page count finds the new block. Pairs with the store of PageCount in Extend.
                if (!default(TGrowth).MayTake(new PageRange(index * _options.BlockPages, _options.BlockPages), range, PageCount))
                    continue;
                taken[i] = (nint)BlockArray.Block(old, index);
                BlockArray.Put(array, index, (BitmapBlock*)(_spares.TryPop(out nint spare) ? spare : NewBlock()), _options.BlockPages);
            }
            _roots.Publish(client, (nint)array);
            return (nint)old;
        }
        finally
        {
            default(TGrowth).EndSwap(_lock);
        }
    }

    // Outside the lock, which a reader may want before it leaves its section.
    void IBlockTaker.AwaitSetters(nint swapped)
    {
        default(TGrowth).AwaitHolders(_rcu);
        FreeArray(swapped);
    }

    void IBlockTaker.Recycle(nint block)
    {
        lock (_lock)
        {
            if (_spares.Count < MostSpares && _roots.EnabledClients != DirtyClients.None)
                _spares.Push(block);
            else
                FreeBlock(block);
        }
    }

    // under _lock
    private void FreeSpares()
    {
        while (_spares.TryPop(out nint spare))
            FreeBlock(spare);
    }

    private void FreeBlock(nint block) => _memory.Free((void*)block, BitmapBlock.BytesFor(_options.BlockPages));
}
