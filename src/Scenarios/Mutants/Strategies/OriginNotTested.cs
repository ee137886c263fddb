using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Strategies;

/// <summary>Mutant of <see cref="PerCpuFlagInvalidation"/>: nobody asks whether the original survived the generation of a temporary block.</summary>
/// <remarks>Races.md TB26.</remarks>
public struct OriginNotTested : IInvalidationStrategy
{
    public static InvalidationEntry Entry { get; } = InvalidationEntry.Of<OriginNotTested>(
        "origin-not-tested", "per-cpu-flag, the original of a temporary block is always kept", TbStorage.RecycledAtOnce,
        "a flush while the temporary block was generated has freed the original (TB26)");

    private bool[] _flushed; // by vCPU

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
            return false;
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
        _flushed[cpu.Index] |= started != 0;
        return true; // the wrong line
    }
}
