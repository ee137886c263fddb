using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="DeeganRules"/>: D is cleared behind the back of the TLBs (DM19).</summary>
public readonly struct UnflushedRules : IPteScanRules
{
    public ulong ClearDirty(ref ulong entry) => default(DeeganRules).ClearDirty(ref entry);

    public void FlushAfterClear(ReadOnlySpan<PteTlb> tlbs)
    {
        // the wrong line: missing here, a flush of each
    }

    public bool Allows(int otherWritableMappings) => default(DeeganRules).Allows(otherWritableMappings);

    public bool MarksOnChange => true;
}
