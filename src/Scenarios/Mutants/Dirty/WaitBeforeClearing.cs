using Verify.Scenarios.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ClearWaitCopy"/>: waits for the stores before the clear instead of those beside it.</summary>
public readonly struct WaitBeforeClearing : IDirtyLogPass
{
    public void Take(Func<bool> clear, Action wait, Action copy)
    {
        wait(); // the wrong line: it belongs behind clear()
        if (clear())
        {
            copy();
        }
    }
}
