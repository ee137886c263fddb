using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="DeeganRules"/>: a mapping that comes or goes marks nothing (scenario 63).</summary>
public readonly struct ForgetfulRules : IPteScanRules
{
    public ulong ClearDirty(ref ulong entry) => default(DeeganRules).ClearDirty(ref entry);

    public void FlushAfterClear(ReadOnlySpan<PteTlb> tlbs) => default(DeeganRules).FlushAfterClear(tlbs);

    public bool Allows(int otherWritableMappings) => default(DeeganRules).Allows(otherWritableMappings);

    public bool MarksOnChange => false; // the wrong line
}
