using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: entering a section tells nobody (scenarios 47 and 55).</summary>
public readonly struct UnlockedReadRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => false; // the wrong line: no section is seen by writers
}
