using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: no fence between the writer's new pointer and its look at the phases (F3).</summary>
/// <remarks>
/// An equivalent mutant. The new pointer must be visible before the phases are read, and before the new phase is. The first is done by the interlocked
/// reset of the event and by F4, which follow in the same grace period; the second by the phase being stored with release.
/// </remarks>
public readonly struct UnfencedScanRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan()
    {
        // the changed line: missing here, the full fence
    }

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;
}
