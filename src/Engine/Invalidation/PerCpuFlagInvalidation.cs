using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>P, a flag per vCPU: QEMU 2.7, <c>cpu->tb_flushed</c>.</summary>
/// <remarks>
/// After races.md 3.2; QEMU cpu-exec.c at 118b0730. Set for every vCPU by a flush, after its jump cache was emptied and before storage is reset.
/// Cleared by its owner only: at the start of a run, while there is no last block, and when consumed. Every access is under TbLock.
/// Guarantee: the last block is not patched if a flush came between its execution and the patch.
/// Not guaranteed: anything about blocks that still execute (TB05). Invalidation does not touch the flag: patching an invalidated block is harmless.
/// </remarks>
public struct PerCpuFlagInvalidation : IInvalidationStrategy
{
    private bool[] _flushed; // by vCPU; under TbLock

    public void Attach(int cpus) => _flushed = new bool[cpus];

    public readonly void RunStarts(VCpu cpu) => _flushed[cpu.Index] = false;

    public readonly void CodeLeft(VCpu cpu) { }

    public readonly void SlowLookup(VCpu cpu) { }

    public readonly void Invalidated(TranslationBlock tb) { }

    public readonly void CpuFlushed(VCpu cpu) => _flushed[cpu.Index] = true;

    public readonly void Flushed(CodeArena arena) { }

    public readonly void FlushedForSpace(VCpu cpu) { }

    public readonly bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb)
    {
        if (last == null)
        {
            return false; // the event is kept: one later link is skipped needlessly
        }

        if (_flushed[cpu.Index])
        {
            _flushed[cpu.Index] = false;
            return false;
        }

        return !tb.Invalid;
    }

    public readonly void BlockChosen(VCpu cpu) { }

    public readonly ulong NoCacheStarts(VCpu cpu)
    {
        bool old = _flushed[cpu.Index];
        _flushed[cpu.Index] = false;
        return old ? 1UL : 0UL;
    }

    public readonly bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started)
    {
        bool survives = !_flushed[cpu.Index];
        _flushed[cpu.Index] |= started != 0; // the whole save and restore is one critical section: without it this is TB02
        return survives;
    }
}
