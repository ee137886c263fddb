using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="SharedBlockGrowth"/>: the new array gets copies of the blocks instead of the blocks (DM06).</summary>
public readonly unsafe struct CopiedBlockGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => remembered;

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words)
    {
        var copy = (BitmapBlock*)newBlock(); // the wrong line: whoever uses the old array sets bits nobody will look at
        for (long i = 0; i < words; i++)
        {
            Volatile.Write(ref copy->Words[i], Volatile.Read(ref old->Words[i]));
        }

        return copy;
    }

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);
}
