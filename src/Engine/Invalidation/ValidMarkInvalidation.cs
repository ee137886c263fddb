using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>
/// V, a mark in each block: QEMU's <c>tb->invalid</c>, later CF_INVALID. Nothing is kept for a vCPU, nothing shared is read in the loop.
/// </summary>
/// <remarks>
/// After races.md 3.4 and QEMU 6d21e4208f38. <see cref="Machine.TbPhysInvalidate(ulong)"/> marks first; a flush marks every live block before storage is
/// reset. Look-ups cannot return a marked block, since both are under TbLock; the patch tests origin and destination.
/// Guarantee, with <see cref="TbStorage.AfterGracePeriod"/>: as for the per-CPU flag.
/// Not guaranteed with <see cref="TbStorage.RecycledAtOnce"/>: constructing a new block in the slot takes the mark away (TB04).
/// </remarks>
public struct ValidMarkInvalidation : IInvalidationStrategy
{
    public readonly void Attach(int cpus) { }

    public readonly void RunStarts(VCpu cpu) { }

    public readonly void CodeLeft(VCpu cpu) { }

    public readonly void SlowLookup(VCpu cpu) { }

    public readonly void Invalidated(TranslationBlock tb) { }

    public readonly void CpuFlushed(VCpu cpu) { }

    public readonly void Flushed(CodeArena arena)
    {
        foreach (TranslationBlock tb in arena.Live())
        {
            lock (tb.JumpLock)
            {
                tb.MarkInvalid();
            }
        }
    }

    public readonly void FlushedForSpace(VCpu cpu) { }

    public readonly bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb) => last is { Invalid: false } && !tb.Invalid;

    public readonly void BlockChosen(VCpu cpu) { }

    public readonly ulong NoCacheStarts(VCpu cpu) => 0;

    public readonly bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started) => !origin.Invalid;
}
