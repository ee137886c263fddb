namespace Verify.Engine.Rcu;

/// <summary>As <see cref="SymmetricRcu"/>, with the whole price of ordering paid by the writer.</summary>
/// <remarks>
/// QEMU on Linux with membarrier(PRIVATE_EXPEDITED): F1 and F2 are compiler-only. Here the reader's accesses are Volatile, which the JIT does not
/// reorder among each other, and <see cref="Interlocked.MemoryBarrierProcessWide"/> makes every running thread execute a full fence at some point
/// of its instruction stream: a reader's store and load both lie before that point or the load lies behind it, which is all F1 and F2 are needed for.
/// </remarks>
public readonly struct AsymmetricRcu : IRcuVariant
{
    // F1 and F2 are supplied by the partner: F3 resp. F4 below fences this thread from outside.
    public void FenceAfterEnter()
    {
    }

    public void FenceAfterLeave()
    {
    }

    public void FenceBeforeScan() => Interlocked.MemoryBarrierProcessWide();

    public void FenceAfterMarking() => Interlocked.MemoryBarrierProcessWide();

    public int PhasesPerGracePeriod => 1;

    public long NextPhase(long current) => current + 2;

    public bool IsOutermost(int enclosing) => enclosing == 0;
}
