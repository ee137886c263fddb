using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="SharedBlockGrowth"/>: the number of blocks is taken from the RAM list, which may have shrunk (DM05, fixed by b84f06c2bee7).</summary>
public readonly unsafe struct RecountedGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => listed; // the wrong line: blocks beyond are replaced, with their bits

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => old;

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);
}
