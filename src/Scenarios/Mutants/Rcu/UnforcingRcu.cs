using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: a drain asks nobody to leave (RC05, QEMU issue 650).</summary>
public readonly struct UnforcingRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;

    public bool ForcesReaders => false; // the wrong line
}
