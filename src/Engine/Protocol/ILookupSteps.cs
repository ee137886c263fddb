using Verify.Engine.Translation;

namespace Verify.Engine.Protocol;

/// <summary>Look-up in the main loop, and what a vCPU's jump cache shows to others; races.md TB10, TB11.</summary>
public interface ILookupSteps
{
    /// <summary>Code for the pc that may be run, or null. A hit counts only while its block is not marked invalid. Owner only.</summary>
    static virtual TbCode? FindInJumpCache(TbJumpCache cache, ulong pc) => cache.Find(pc);

    /// <summary>Remembers code that was found elsewhere. Owner only.</summary>
    static virtual void PutIntoJumpCache(TbJumpCache cache, TbCode code) => cache.Set(code);

    /// <summary>What the entry of a pc holds, and for which pc. By anybody.</summary>
    static virtual (ulong Pc, TbCode Code)? ReadJumpCache(TbJumpCache cache, ulong pc) => cache.Peek(pc) is { } code ? (code.Pc, code) : null;
}
