namespace Verify.Engine.Rcu;

/// <summary>A 64-bit counter that never repeats, one wait a grace period, full fences on both sides.</summary>
/// <remarks>QEMU's scheme on a 64-bit host without membarrier. A reader that stored an old value late is still told from a new one.</remarks>
public readonly struct SymmetricRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;
}
