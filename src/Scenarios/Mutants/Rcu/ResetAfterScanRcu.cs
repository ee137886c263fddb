using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Rcu;

/// <summary>Mutant of <see cref="SymmetricRcu"/>: the event is reset between the scan and the wait (RC02).</summary>
public readonly struct ResetAfterScanRcu : IRcuVariant
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
        while (true)
        {
            registry.MarkReadersWaited();
            FenceAfterMarking();
            if (!registry.MoveQuiescentAside(force: true))
            {
                break;
            }

            registry.ResetEvent(); // the wrong line: it belongs at the top; a reader that left since the scan is forgotten
            registry.BlockUntilAReaderLeaves();
        }

        registry.PutReadersBack();
    }
}
