using Verify.Engine.Rcu;

namespace Verify.Engine.Dirty;

/// <summary>The three decisions of growing an array of blocks that were once, or may be, taken wrongly.</summary>
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
