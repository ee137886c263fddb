using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="DeeganRules"/>: the number of writable mappings is ignored (scenario 62).</summary>
public readonly struct AliasBlindRules : IPteScanRules
{
    public ulong ClearDirty(ref ulong entry) => default(DeeganRules).ClearDirty(ref entry);

    public void FlushAfterClear(ReadOnlySpan<PteTlb> tlbs) => default(DeeganRules).FlushAfterClear(tlbs);

    public bool Allows(int otherWritableMappings) => true; // the wrong line

    public bool MarksOnChange => true;
}
