using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Strategies;

/// <summary><see cref="GlobalFlagInvalidation"/> mended halfway: every flush sets the flag. Every slow lookup still resets it.</summary>
/// <remarks>Races.md TB01: setting the event is not enough as long as a lookup, one's own or another's, takes it away before it is tested.</remarks>
public struct GlobalFlagSetByFlush : IInvalidationStrategy
{
    public static InvalidationEntry Entry { get; } = InvalidationEntry.Of<GlobalFlagSetByFlush>(
        "flag-set-by-flush", "global-flag, set by every flush", TbStorage.RecycledAtOnce, "a slow lookup resets the event before it is tested (TB01)");

    private bool _invalidated; // under TbLock

    public readonly void Attach(int cpus) { }

    public readonly void RunStarts(VCpu cpu) { }

    public readonly void CodeLeft(VCpu cpu) { }

    public void SlowLookup(VCpu cpu) => _invalidated = false; // the wrong line

    public void Invalidated(TranslationBlock tb) => _invalidated = true;

    public readonly void CpuFlushed(VCpu cpu) { }

    public void Flushed(CodeArena arena) => _invalidated = true;

    public readonly void FlushedForSpace(VCpu cpu) { }

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
