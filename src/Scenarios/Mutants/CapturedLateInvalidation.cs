using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants;

/// <summary>Mutant of <see cref="FlushCounterInvalidation"/>: the count is captured when the chain has ended instead of when it is chosen.</summary>
/// <remarks>Races.md TB03, late capture. A flush while the chain runs is counted before the capture, and so goes unnoticed.</remarks>
public struct CapturedLateInvalidation : IInvalidationStrategy
{
    public static InvalidationEntry Entry { get; } = InvalidationEntry.Of<CapturedLateInvalidation>(
        "counter-captured-late", "flush-counter, captured when the chain has ended", TbStorage.RecycledAtOnce,
        "a flush during the chain goes unnoticed (TB03)");

    private ulong _flushes;     // written under TbLock, read without
    private ulong[] _captured;  // by vCPU; its owner only

    public void Attach(int cpus) => _captured = new ulong[cpus];

    public readonly void RunStarts(VCpu cpu) { }

    public void CodeLeft(VCpu cpu) => _captured[cpu.Index] = Volatile.Read(ref _flushes); // the wrong line: BlockChosen is where it belongs

    public readonly void SlowLookup(VCpu cpu) { }

    public readonly void Invalidated(TranslationBlock tb) { }

    public readonly void CpuFlushed(VCpu cpu) { }

    public void Flushed(CodeArena arena) => Volatile.Write(ref _flushes, _flushes + 1);

    public readonly void FlushedForSpace(VCpu cpu) { }

    public readonly bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb) =>
        last != null && _flushes == _captured[cpu.Index] && !tb.Invalid;

    public readonly void BlockChosen(VCpu cpu) { }

    public readonly ulong NoCacheStarts(VCpu cpu) => _flushes;

    public readonly bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started) => _flushes == started;
}
