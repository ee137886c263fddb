using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="SharedBlockGrowth"/>: a block that was swapped out is read while a setter may still hold it.</summary>
public readonly unsafe struct ReadBeforeGraceGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => remembered;

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => old;

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);

    public void AwaitHolders<TRcu>(RcuDomain<TRcu> rcu)
        where TRcu : struct, IRcuVariant
    {
        // the wrong line: missing here, SynchronizeAndForce
    }
}
