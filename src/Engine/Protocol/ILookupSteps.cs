using Verify.Engine.Translation;

namespace Verify.Engine.Protocol;

/// <summary>Look-up in the main loop; races.md TB10.</summary>
public interface ILookupSteps
{
    /// <summary>Code for the pc that may be run, or null. A hit counts only while its block is not marked invalid.</summary>
    static virtual TbCode? FindInJumpCache(TbJumpCache cache, ulong pc) => cache.Find(pc);
}
