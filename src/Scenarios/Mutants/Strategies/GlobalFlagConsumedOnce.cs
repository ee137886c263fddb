using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Strategies;

/// <summary><see cref="GlobalFlagInvalidation"/> mended further: every flush sets the flag and no lookup resets it. Whoever acts on it does.</summary>
/// <remarks>Races.md TB01: one event, two vCPUs that need it; the first one to act on it takes it from the other.</remarks>
public struct GlobalFlagConsumedOnce : IInvalidationStrategy
{
    public static InvalidationEntry Entry { get; } = InvalidationEntry.Of<GlobalFlagConsumedOnce>(
        "flag-consumed-once", "global-flag, set by every flush, reset only when acted on", TbStorage.RecycledAtOnce,
        "one vCPU consumes the event the other one needs (TB01)");

    private bool _flushed; // under TbLock

    public readonly void Attach(int cpus) { }

    public readonly void RunStarts(VCpu cpu) { }

    public readonly void CodeLeft(VCpu cpu) { }

    public readonly void SlowLookup(VCpu cpu) { }

    public readonly void Invalidated(TranslationBlock tb) { }

    public readonly void CpuFlushed(VCpu cpu) { }

    public void Flushed(CodeArena arena) => _flushed = true;

    public readonly void FlushedForSpace(VCpu cpu) { }

    public bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb)
    {
        bool flushed = _flushed;
        _flushed = false; // the wrong line: it was for the other vCPUs too
        return last != null && !flushed && !tb.Invalid;
    }

    public readonly void BlockChosen(VCpu cpu) { }

    public readonly ulong NoCacheStarts(VCpu cpu) => 0;

    public readonly bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started) => !_flushed;
}
