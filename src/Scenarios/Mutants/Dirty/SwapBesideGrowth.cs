using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="SharedBlockGrowth"/>: blocks are swapped without the lock of growth, which publishes the old ones.</summary>
public readonly unsafe struct SwapBesideGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => remembered;

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => old;

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);

    public void BeginSwap(object designLock)
    {
        // the wrong line: missing here, Monitor.Enter
    }

    public void EndSwap(object designLock)
    {
    }
}
