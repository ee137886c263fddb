using Verify.Engine.Rcu;

namespace Verify.Engine.Dirty;

/// <summary>Thread 3: per client, an RCU-published array of pointers to bitmap blocks of fixed size, so that memory grows under its users.</summary>
/// <remarks>
/// After Hajnoczi, "memory: RCU ram_list.dirty_memory[] for safe RAM hotplug" (qemu-devel 2014-16). To reach the bit of a page:
/// <code>
/// reader.Enter();
/// BlockArray* array = Volatile.Read(roots[client]);         // acquire
/// ulong* word = BlockArray.WordOf(array, page / BlockPages, page);
/// ... interlocked operation on *word ...
/// reader.Leave();
/// </code>
/// Growth publishes a new array with pointers to the same blocks and defers the free of the old array alone, so other threads may go on using the old
/// one and set bits that everybody sees. It grows and never shrinks; the number of blocks is remembered, never recomputed from the RAM list (DM05).
/// Dropping a client defers the free of its array and blocks. Enabling one waits for a grace period: a setter that found no array has then ended,
/// its write is visible, and the fill covers it.
/// Corrections of the patch: argument order (DM04), first array null, count (DM05), snapshot (DM11), words shared between RAM blocks (DM12),
/// bytes for the listener (DM13). Deviations: a block's size is a power of two, so that finding it is a shift; a sync takes dense blocks whole.
/// </remarks>
public sealed unsafe partial class RcuDirtyMemoryBlocks<TRcu, TBits, TGrowth> : IDirtyMemoryDesign, IBlockTaker
    where TRcu : struct, IRcuVariant
    where TBits : struct, IBitmapBits
    where TGrowth : struct, IBlockGrowth
{
    private readonly object _lock = new();    // ram_list.mutex: one growth, enable or drop at a time
    private readonly BitmapRoots _roots = new();
    private readonly DirtyMemoryOptions _options;
    private readonly RcuDomain<TRcu> _rcu;
    private readonly bool _ownsRcu;
    private readonly GuardedMemory _memory;
    private long _blockCount;                 // under _lock; blocks of each enabled client

    /// <param name="options">Pages, block size, clients.</param>
    /// <param name="rcu">The machine's domain; one of its own if null.</param>
    public RcuDirtyMemoryBlocks(DirtyMemoryOptions options, RcuDomain<TRcu>? rcu = null)
    {
        options.Validate();
        _options = options;
        _ownsRcu = rcu is null;
        _rcu = rcu ?? new RcuDomain<TRcu>();
        _memory = new GuardedMemory(options.Quarantine);
        _roots.EnabledClients = options.Clients;
        Extend(options.Pages);
    }

    public RcuDomain<TRcu> Rcu => _rcu;

    public long PageCount => _roots.PageCount;

    public DirtyClients EnabledClients => _roots.EnabledClients;

    public long BitmapBytes => _memory.LiveBytes;

    /// <summary>The view of the thread that owns <paramref name="reader"/>; cheaper still inside a section that is already open.</summary>
    public BitmapView<BlockStore<TRcu>, TBits> View(RcuReader<TRcu> reader) =>
        new(new BlockStore<TRcu>(_roots, reader, new BlockOwner<TRcu>(null, this), _options.BlockPages), _options);

    public IDirtyMemory Attach() => Attach(_rcu.Register());

    public IDirtyMemory AttachShared() => Attach(_rcu.RegisterShared());

    private IDirtyMemory Attach(RcuReader<TRcu> reader) =>
        new BitmapView<BlockStore<TRcu>, TBits>(new BlockStore<TRcu>(_roots, reader, new BlockOwner<TRcu>(_rcu, this), _options.BlockPages), _options);

    public void Extend(long pages) => Extend(PageCount, pages);

    /// <summary>dirty_memory_extend with its original parameters.</summary>
    /// <param name="listedPages">Pages of the RAM list before the new block; smaller than what is tracked if the highest block was removed.</param>
    /// <param name="pages">Pages of the RAM list with the new block.</param>
    public void Extend(long listedPages, long pages)
    {
        lock (_lock)
        {
            long oldBlocks = default(TGrowth).ExistingBlocks(_blockCount, BlocksFor(listedPages));
            long newBlocks = Math.Max(oldBlocks, BlocksFor(pages));
            if (newBlocks == oldBlocks && pages <= PageCount)
                return;
            for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
            {
                if (_roots.EnabledClients.Includes(c))
                    Grow(c, oldBlocks, newBlocks, Math.Max(pages, PageCount));
            }
            _blockCount = newBlocks;
            // After the arrays: whoever reads the new count finds an array that holds the pages.
            _roots.PageCount = Math.Max(pages, PageCount);
        }
    }

    public void Enable(DirtyClient client)
    {
        lock (_lock)
        {
            if (_roots.EnabledClients.Includes(client))
                return;
            if (_blockCount != 0)
                _roots.Publish(client, (nint)NewArray(null, 0, _blockCount, PageCount));
            _roots.EnabledClients |= client.ToSet();
        }
        // Outside the lock, which a reader may want before it leaves its section.
        default(TGrowth).AwaitSetters(_rcu);
        lock (_lock)
        {
            BlockArray* array = (BlockArray*)_roots.Load(client);
            for (long page = 0; array != null && page < PageCount; page += _options.BlockPages)
                default(TBits).SetRange(BlockArray.WordOf(array, page / _options.BlockPages, page), 0, Math.Min(_options.BlockPages, PageCount - page));
        }
    }

    public void Drop(DirtyClient client)
    {
        lock (_lock)
        {
            BlockArray* array = (BlockArray*)_roots.Load(client);
            _roots.EnabledClients &= ~client.ToSet();
            _roots.Publish(client, 0);
            if (array != null)
                default(TGrowth).Defer(_rcu, () => FreeWithBlocks((nint)array));
            FreeSpares();
        }
    }

    /// <summary>Waits for what was deferred; here dropping needs nobody to stop.</summary>
    public void ReclaimDropped() => _rcu.Drain();

    public void Dispose()
    {
        nint[] arrays = new nint[DirtyClientSets.Count];
        lock (_lock)
        {
            _roots.EnabledClients = DirtyClients.None;
            for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
            {
                arrays[(int)c] = _roots.Load(c);
                _roots.Publish(c, 0);
            }
            FreeSpares();
        }
        _rcu.Synchronize();
        foreach (nint array in arrays)
        {
            if (array != 0)
                FreeWithBlocks(array);
        }
        // What growth deferred.
        if (_ownsRcu)
            _rcu.Dispose();
        else
            _rcu.Drain();
        _memory.Dispose();
    }

    private long BlocksFor(long pages) => (pages + _options.BlockPages - 1) / _options.BlockPages;

    // under _lock
    private void Grow(DirtyClient client, long oldBlocks, long newBlocks, long pages)
    {
        BlockArray* old = (BlockArray*)_roots.Load(client);
        _roots.Publish(client, (nint)NewArray(old, oldBlocks, newBlocks, pages));
        if (default(TGrowth).Replaces(old))
            default(TGrowth).Defer(_rcu, () => FreeArray((nint)old));
    }

    private BlockArray* NewArray(BlockArray* old, long oldBlocks, long newBlocks, long pages)
    {
        BlockArray* array = (BlockArray*)_memory.Allocate(BlockArray.BytesFor(newBlocks));
        (array->Count, array->Pages) = (newBlocks, pages);
        for (long i = 0; i < newBlocks; i++)
        {
            BitmapBlock* block = i < oldBlocks
                ? default(TGrowth).Carry(BlockArray.Block(old, i), NewBlock, _options.BlockPages / 64) : (BitmapBlock*)NewBlock();
            BlockArray.Put(array, i, block, _options.BlockPages);
        }
        return array;
    }

    private nint NewBlock() => (nint)_memory.Allocate(BitmapBlock.BytesFor(_options.BlockPages));

    private void FreeArray(nint array) => _memory.Free((void*)array, BlockArray.BytesFor(((BlockArray*)array)->Count));

    private void FreeWithBlocks(nint array)
    {
        BlockArray* a = (BlockArray*)array;
        for (long i = 0; i < a->Count; i++)
            FreeBlock((nint)BlockArray.Block(a, i));
        FreeArray(array);
    }
}
