namespace Verify.Engine.Protocol;

/// <summary>Exclusive flush; races.md TB06.</summary>
public interface IFlushSteps
{
    /// <summary>A queued flush gets its turn: is it still wanted, or has another flush come in between?</summary>
    /// <param name="requested">Flush count when it was requested.</param>
    /// <param name="current">Flush count now, in the exclusive section.</param>
    static virtual bool StillWanted(long requested, long current) => requested == current;
}
