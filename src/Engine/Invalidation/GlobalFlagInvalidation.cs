using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>L, the legacy global flag: QEMU up to 2.6, <c>tb_ctx.tb_invalidated_flag</c>. Kept as the known-unsound baseline.</summary>
/// <remarks>
/// After races.md 3.1; QEMU cpu-exec.c and translate-all.c, 2016. One flag for all vCPUs. Set by invalidation, and by generation when *it* had to
/// flush; <c>tb_flush</c> itself does not set it. Reset at the start of every slow look-up by anybody, and after it was acted on.
/// Guarantee: with one vCPU that alone invalidates and flushes, a recycled block is never patched.
/// Not guaranteed: anything with two; one vCPU resets or consumes the event another needs (TB01).
/// </remarks>
public struct GlobalFlagInvalidation : IInvalidationStrategy
{
    private bool _invalidated; // under TbLock

    public readonly void Attach(int cpus) { }

    public readonly void RunStarts(VCpu cpu) { }

    public readonly void CodeLeft(VCpu cpu) { }

    public void SlowLookup(VCpu cpu) => _invalidated = false;

    public void Invalidated(TranslationBlock tb) => _invalidated = true;

    public readonly void CpuFlushed(VCpu cpu) { }

    public readonly void Flushed(CodeArena arena) { }

    public void FlushedForSpace(VCpu cpu) => _invalidated = true;

    public bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb)
    {
        bool invalidated = _invalidated;
        _invalidated = false;
        return last != null && !invalidated;
    }

    public readonly void BlockChosen(VCpu cpu) { }

    public readonly ulong NoCacheStarts(VCpu cpu) => 0;

    public readonly bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started) => !_invalidated;
}
