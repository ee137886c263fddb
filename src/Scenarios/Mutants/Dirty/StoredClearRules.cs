using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="DeeganRules"/>: D is cleared by a load and a store (scenario 61).</summary>
public readonly struct StoredClearRules : IPteScanRules
{
    public ulong ClearDirty(ref ulong entry)
    {
        ulong before = Volatile.Read(ref entry);
        Volatile.Write(ref entry, before & ~Pte.Dirty); // the changed line: not atomic against the MMU
        return before;
    }

    public void FlushAfterClear(ReadOnlySpan<PteTlb> tlbs) => default(DeeganRules).FlushAfterClear(tlbs);

    public bool Allows(int otherWritableMappings) => default(DeeganRules).Allows(otherWritableMappings);

    public bool MarksOnChange => true;
}
