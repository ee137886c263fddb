using Verify.Engine.Translation;

namespace Verify.Engine.Protocol;

/// <summary>Flush; races.md TB06, docs/findings.md.</summary>
public interface IFlushSteps
{
    /// <summary>A queued flush gets its turn: is it still wanted, or has another flush come in between?</summary>
    /// <param name="requested">Flush count when it was requested.</param>
    /// <param name="current">Flush count now, in the exclusive section.</param>
    static virtual bool StillWanted(long requested, long current) => requested == current;

    /// <summary>Forgets all blocks. Under TbLock, or in an exclusive section.</summary>
    /// <remarks>
    /// Not every thread is excluded: one that is no vCPU may be invalidating, after a write to RAM say. The hash goes first, so that whoever takes a
    /// block off it from then on fails, and touches no page list; who did so before holds the page's lock, which resetting the lists waits for.
    /// </remarks>
    static virtual void ResetTables(TbContext context)
    {
        context.Hash.Reset();
        context.Pages.Reset();
    }
}
