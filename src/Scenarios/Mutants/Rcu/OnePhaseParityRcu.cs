using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="TwoPhaseRcu"/>: one flip a grace period (RC04).</summary>
public readonly struct OnePhaseParityRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1; // the wrong line: 2

    public long NextPhase(long current) => current ^ 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;
}
