using Verify.Engine.Migration;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="CollectThenCopy"/>: the vCPUs are still running in the round that is to be the last.</summary>
public readonly struct LastRoundBeforePause : IMigrationSteps
{
    public void Round(Action collect, Action sendDirtyPages)
    {
        collect();
        sendDirtyPages();
    }

    public void StopAndCopy(Action pause, Action lastRound)
    {
        lastRound(); // the wrong line: it belongs after the pause
        pause();
    }
}
