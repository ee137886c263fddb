using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>U, upstream's final scheme: flush as exclusive safe work, a mark in each block, jump locks and page locks, no TbLock.</summary>
/// <remarks>
/// After races.md 3.6 and QEMU tb-maint.c at 00f70884. There is nothing left to decide here, which is the point of the scheme: no vCPU is inside its
/// loop during a flush, so the last block is always the incarnation that ran; whether it or the destination was invalidated is seen by
/// <see cref="TbLinker.AddJump"/> under the destination's jump lock. Nothing is kept for a vCPU and nothing shared is read in the loop.
/// Guarantee, with <see cref="FlushDiscipline.Exclusive"/>: no slot is recycled while anybody executes it or holds a pointer to it (TB01 to TB05).
/// Not guaranteed: that a vCPU leaves an invalidated block before its end.
/// </remarks>
public readonly struct ExclusiveFlushInvalidation : IInvalidationStrategy
{
    public static bool TakesTbLock => false;

    public void Attach(int cpus) { }

    public void RunStarts(VCpu cpu) { }

    public void CodeLeft(VCpu cpu) { }

    public void SlowLookup(VCpu cpu) { }

    public void Invalidated(TranslationBlock tb) { }

    public void CpuFlushed(VCpu cpu) { }

    public void Flushed(CodeArena arena) { }

    public void FlushedForSpace(VCpu cpu) { }

    public bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb) => last != null;

    public void BlockChosen(VCpu cpu) { }

    public ulong NoCacheStarts(VCpu cpu) => 0;

    public bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started) => !origin.Invalid;
}
