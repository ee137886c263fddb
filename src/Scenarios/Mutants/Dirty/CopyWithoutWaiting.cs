using Verify.Scenarios.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ClearWaitCopy"/>: nobody waits for the store in flight (DM07, QEMU before 9458a9a1).</summary>
public readonly struct CopyWithoutWaiting : IDirtyLogPass
{
    public void Take(Func<bool> clear, Action wait, Action copy)
    {
        if (clear())
        {
            copy(); // the wrong line: missing before it, wait()
        }
    }
}
