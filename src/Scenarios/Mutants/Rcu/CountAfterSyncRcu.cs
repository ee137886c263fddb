using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: the number of callbacks is taken after the grace period (RC06).</summary>
public readonly struct CountAfterSyncRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;

    public void ReclaimRound(IRcuReclaimRound round)
    {
        round.Synchronize();
        round.Invoke(round.TakeCount()); // the wrong line: it belongs before Synchronize
    }
}
