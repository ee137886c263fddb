using Verify.Scenarios.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="CleanTestedUnderLock"/>: asks first, as read in QEMU's tlb_set_page_full and notdirty_write (DM09, DM10).</summary>
public readonly struct CleanTestedOutsideLock : ITlbCleanTest
{
    public void Install(object tlbLock, Func<bool> isClean, Action<bool> install)
    {
        bool isFast = !isClean(); // the wrong line: it belongs under the lock
        lock (tlbLock)
        {
            install(isFast);
        }
    }
}
