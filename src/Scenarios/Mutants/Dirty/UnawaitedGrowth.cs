using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="SharedBlockGrowth"/>: a client is filled without waiting for the setters that did not find it (scenario 43).</summary>
public readonly unsafe struct UnawaitedGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => remembered;

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => old;

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);

    public void AwaitSetters<TRcu>(RcuDomain<TRcu> rcu)
        where TRcu : struct, IRcuVariant
    {
        // the wrong line: missing here, Synchronize
    }
}
