using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: a grace period may begin while another one waits (QEMU's rcu_sync_lock is missing).</summary>
public readonly struct OverlappingRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;

    public object GracePeriodLock(object syncLock) => new(); // the wrong line: syncLock
}
