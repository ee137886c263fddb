namespace Verify.Engine.Rcu;

/// <summary>One phase bit, flipped twice a grace period: what a host word too small for a counter that never repeats has to do.</summary>
/// <remarks>
/// QEMU on 32-bit hosts. A reader may load the phase before a whole grace period and store it after; with one flip the next grace period would take
/// it for a new reader (RC04). Waiting in both phases waits for it in one of them.
/// </remarks>
public readonly struct TwoPhaseRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 2;

    public long NextPhase(long current) => current ^ 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;
}
