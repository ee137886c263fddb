using Verify.Scenarios.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ExtendThenInsert"/>: the block is reachable before its pages are tracked (scenario 50).</summary>
public readonly struct InsertThenExtend : IRamBlockInsertion
{
    public void Add(Action extend, Action insert)
    {
        insert(); // the wrong line: it belongs behind extend()
        extend();
    }
}
