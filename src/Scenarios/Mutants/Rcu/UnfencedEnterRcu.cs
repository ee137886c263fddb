using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: no fence between the reader's phase and its first protected load (F1).</summary>
public readonly struct UnfencedEnterRcu : IRcuVariant
{
    public void FenceAfterEnter()
    {
        // the wrong line: missing here, the full fence
    }

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;
}
