using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Translation;

/// <summary>A scenario about direct jumps, with the invariants of races.md TB07 and TB08 for when all actors have ended.</summary>
public abstract class LinkScenario(params TbCase[] cases) : TbScenario(cases)
{
    /// <summary>The variants that keep every invariant of linking.</summary>
    protected static TbCase[] SoundAnd(params TbCase[] mutants) =>
    [
        .. mutants,
        TbCase.Sound("per-cpu-flag", "linking and invalidation are under TbLock"),
        TbCase.Sound("flush-counter", "linking and invalidation are under TbLock"),
        TbCase.Sound("valid-marker", "linking and invalidation are under TbLock"),
        TbCase.Sound("exclusive-flush", "the mark is set and tested under the destination's jump lock, and claims fail on a dying origin"),
    ];

    /// <summary>No exit of a live block leads to a stale one; every exit is on the list of its destination, and only there.</summary>
    /// <exception cref="InvariantViolationException">It is not so.</exception>
    protected static void CheckLinks(Machine machine)
    {
        TranslationBlock[] blocks = [.. machine.Tb.Arena.Live()];
        foreach (TranslationBlock origin in blocks)
        {
            (TranslationBlock? destination, _) = origin.Destination(0);
            TbCode? target = Volatile.Read(ref origin.Code.Target0);
            Check(origin.Invalid || destination is not { Invalid: true }, $"{origin} is linked to the stale {destination}");
            Check(
                target?.Slot == destination || (origin.Invalid && target == null),
                $"exit 0 of {origin} branches to {target?.ToString() ?? "the main loop"}, but is linked to {destination?.ToString() ?? "nothing"}");
            foreach (TranslationBlock other in blocks)
            {
                int times = Count(other, origin);
                Check(!origin.Invalid || times == 0, $"the dead {origin} is on the list of {other}");
                Check(
                    origin.Invalid || times == (other == destination ? 1 : 0),
                    $"exit 0 of {origin} is linked to {destination?.ToString() ?? "nothing"}, and is {times} times on the list of {other}");
            }
        }
    }

    private static int Count(TranslationBlock destination, TranslationBlock origin)
    {
        try
        {
            return TbLinker.Incoming(destination).Count(jump => jump.Origin == origin && jump.N == 0);
        }
        catch (BrokenLinkException e)
        {
            throw new InvariantViolationException(e.Message);
        }
    }
}
