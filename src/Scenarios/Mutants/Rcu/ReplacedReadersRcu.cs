using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: the list of readers as it was before the wait is put back (scenario 58).</summary>
public readonly struct ReplacedReadersRcu : IRcuVariant
{
    public void FenceAfterEnter() => Interlocked.MemoryBarrier();

    public void FenceAfterLeave() => Interlocked.MemoryBarrier();

    public void FenceBeforeScan() => Interlocked.MemoryBarrier();

    public void FenceAfterMarking() => Interlocked.MemoryBarrier();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;

    public void AwaitReaders(RcuRegistry registry)
    {
        RcuReader[] saved = [.. registry.Readers];
        ((IRcuVariant)default(SymmetricRcu)).AwaitReaders(registry);
        foreach (RcuReader newcomer in registry.Readers.Except(saved).ToArray())
        {
            registry.Remove(newcomer); // the wrong line: the list is what it was before the wait, and who registered since is in none
        }
    }
}
