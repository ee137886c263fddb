using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Strategies;

/// <summary>Mutant of <see cref="PerCpuFlagInvalidation"/>: the owner clears its flag when it comes back from generated code, with a last block in hand.</summary>
/// <remarks>Races.md TB02, second part, scenario 5 "clear when last is not null". Volatile, because it is outside TbLock.</remarks>
public struct FlagClearedAfterCode : IInvalidationStrategy
{
    public static InvalidationEntry Entry { get; } = InvalidationEntry.Of<FlagClearedAfterCode>(
        "flag-cleared-after-code", "per-cpu-flag, cleared when a chain has ended", TbStorage.RecycledAtOnce,
        "a flush during the chain is forgotten before it is tested (TB02)");

    private bool[] _flushed; // by vCPU

    public void Attach(int cpus) => _flushed = new bool[cpus];

    public readonly void RunStarts(VCpu cpu) { }

    public readonly void CodeLeft(VCpu cpu) => Volatile.Write(ref _flushed[cpu.Index], false); // the wrong line: RunStarts is where it belongs

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
        bool survives = !_flushed[cpu.Index];
        _flushed[cpu.Index] |= started != 0;
        return survives;
    }
}
