using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Strategies;

/// <summary>Mutant of <see cref="PerCpuFlagInvalidation"/>: what the temporary block hid is put back after TbLock was released.</summary>
/// <remarks>Races.md TB02: <c>flag |= old</c> reads, another thread flushes and sets the flag, and the owner stores back what it read. Volatile, because it is outside TbLock.</remarks>
public struct FlagRestoredUnlocked : IInvalidationStrategy
{
    public static InvalidationEntry Entry { get; } = InvalidationEntry.Of<FlagRestoredUnlocked>(
        "flag-restored-unlocked", "per-cpu-flag, restored outside TbLock after a temporary block", TbStorage.RecycledAtOnce,
        "a flush between the read and the write of the restored flag is lost (TB02)");

    private bool[] _flushed; // by vCPU
    private bool[] _old;     // by vCPU; its owner only

    public void Attach(int cpus) => (_flushed, _old) = (new bool[cpus], new bool[cpus]);

    public readonly void RunStarts(VCpu cpu) => _flushed[cpu.Index] = false;

    public readonly void CodeLeft(VCpu cpu)
    {
        bool flushed = Volatile.Read(ref _flushed[cpu.Index]);
        Volatile.Write(ref _flushed[cpu.Index], flushed | _old[cpu.Index]); // the wrong line: OriginSurvives is where it belongs
        _old[cpu.Index] = false;
    }

    public readonly void SlowLookup(VCpu cpu) { }

    public readonly void Invalidated(TranslationBlock tb) { }

    public readonly void CpuFlushed(VCpu cpu) => Volatile.Write(ref _flushed[cpu.Index], true);

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
        _old[cpu.Index] = started != 0;
        return !_flushed[cpu.Index];
    }
}
