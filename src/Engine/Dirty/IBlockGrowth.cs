using Verify.Engine.Rcu;

namespace Verify.Engine.Dirty;

/// <summary>The decisions of growing, taking blocks and enabling a client that were once, or may be, taken wrongly.</summary>
public unsafe interface IBlockGrowth
{
    /// <summary>Blocks that exist, given the remembered number and the number the RAM list would give (DM05).</summary>
    long ExistingBlocks(long remembered, long listed);

    /// <summary>What the new array holds for a block of the old one: the same block, or its bits are lost to setters that use the old array
    /// (DM06).</summary>
    BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words);

    /// <summary>Frees what readers may still use: after a grace period.</summary>
    void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant;

    /// <summary>Whether there is an old array to free: the first time there is none.</summary>
    bool Replaces(BlockArray* old) => old != null;

    /// <summary>Between publishing a new client's array and filling it: a setter that found no array has ended, and its write is visible.</summary>
    void AwaitSetters<TRcu>(RcuDomain<TRcu> rcu)
        where TRcu : struct, IRcuVariant
        => rcu.Synchronize();

    /// <summary>Between swapping blocks out and reading them: who may set bits there has left its section.</summary>
    void AwaitHolders<TRcu>(RcuDomain<TRcu> rcu)
        where TRcu : struct, IRcuVariant
        => rcu.SynchronizeAndForce();

    /// <summary>Whether a block can be taken for a range: it has no tracked page outside.</summary>
    bool MayTake(PageRange block, PageRange range, long pageCount) =>
        block.Start >= range.Start && Math.Min(block.End, pageCount) <= range.End;

    /// <summary>Begins a swap; growth, which copies the pointers, must not run beside it.</summary>
    void BeginSwap(object designLock) => Monitor.Enter(designLock);

    /// <summary>Ends a swap.</summary>
    void EndSwap(object designLock) => Monitor.Exit(designLock);
}

/// <summary>Remembered count, shared blocks, call_rcu.</summary>
public readonly unsafe struct SharedBlockGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => remembered;

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => old;

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);
}
