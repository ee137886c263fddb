using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="SharedBlockGrowth"/>: a block is swapped out although pages of it lie outside the range (DM11).</summary>
public readonly unsafe struct NeighboursTakenGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => remembered;

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => old;

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);

    public bool MayTake(PageRange block, PageRange range, long pageCount) => true; // the wrong line: more pages may have come
}
