using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>C, a flush counter: captured with the block to run, compared before the patch.</summary>
/// <remarks>
/// After races.md 3.3 and the option "flush counter" of thread 2. Incremented by a flush, before storage is reset. The capture is made in the
/// critical section that yields the block to run, so it pre-dates the whole chain that block starts; the comparison in the next one.
/// Guarantee and limits as for the per-CPU flag; 64 bits do not wrap. The price the source names is one shared load for each turn of the loop.
/// </remarks>
public struct FlushCounterInvalidation : IInvalidationStrategy
{
    private ulong _flushes;     // under TbLock
    private ulong[] _captured;  // by vCPU; under TbLock

    public void Attach(int cpus) => _captured = new ulong[cpus];

    public readonly void RunStarts(VCpu cpu) { }

    public readonly void CodeLeft(VCpu cpu) { }

    public readonly void SlowLookup(VCpu cpu) { }

    public readonly void Invalidated(TranslationBlock tb) { }

    public readonly void CpuFlushed(VCpu cpu) { }

    public void Flushed(CodeArena arena) => _flushes++;

    public readonly void FlushedForSpace(VCpu cpu) { }

    public readonly bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb) =>
        last != null && _flushes == _captured[cpu.Index] && !tb.Invalid;

    public readonly void BlockChosen(VCpu cpu) => _captured[cpu.Index] = _flushes;

    public readonly ulong NoCacheStarts(VCpu cpu) => _flushes;

    public readonly bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started) => _flushes == started;
}
