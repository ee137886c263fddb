using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Auditing;

/// <summary>
/// Ghost state beside the engine: sees what happens, changes nothing. Implemented by structs, so that <see cref="NoAudit"/> costs nothing.
/// </summary>
public interface IAudit
{
    /// <summary>Called once, before any vCPU runs.</summary>
    void Attach(int cpus);

    /// <summary>The vCPU enters <paramref name="code"/>, from the main loop or through a chained jump. No lock is held.</summary>
    void Executed(VCpu cpu, TbCode code);

    /// <summary>The vCPU has left generated code through exit <paramref name="exit"/> of <paramref name="ran"/>. No lock is held.</summary>
    void Left(VCpu cpu, TbCode ran, int exit);

    /// <summary>
    /// Exit <paramref name="exit"/> of <paramref name="origin"/> is about to be linked to <paramref name="destination"/>. Under TbLock.
    /// </summary>
    /// <param name="ran">The code the vCPU ran, which made it ask for this link.</param>
    void Patch(VCpu cpu, TbCode ran, int exit, TranslationBlock origin, TranslationBlock destination);

    /// <summary>The engine has decided that the original survived the generation of a temporary block beside it. No flush can happen meanwhile.</summary>
    /// <param name="flushed">Whether a flush has happened since that generation began.</param>
    void OriginKept(VCpu cpu, TranslationBlock origin, bool flushed);

    /// <summary>The vCPU ended: it left its loop, for whatever reason.</summary>
    void Stopped(VCpu cpu);
}
