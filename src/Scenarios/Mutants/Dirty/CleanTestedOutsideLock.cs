using Verify.Engine.Dirty;
using Verify.Scenarios.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="CleanTestedUnderLock"/>: asks first, as read in QEMU's tlb_set_page_full and notdirty_write (DM09, DM10).</summary>
public readonly struct CleanTestedOutsideLock : ITlbCleanTest
{
    public PageCleanliness Watch(IDirtyMemory memory, long page) => new(memory, page, memory.IsClean(page)); // the wrong line: asked before the lock
}
