using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>
/// Decides whether the block a vCPU ran last may still be patched. Implemented by structs, one file each; the machine is specialised for
/// it.
/// </summary>
/// <remarks>
/// The events and uses of races.md 2.3: E1 is <see cref="Invalidated"/>, E2 <see cref="CpuFlushed"/> and <see cref="Flushed"/>, U1
/// <see cref="MayPatch"/>, U2 <see cref="OriginSurvives"/>. Every hook is called under TbLock, except <see cref="CodeLeft"/>; with
/// <see cref="TakesTbLock"/> false none is, and the two E2 hooks come in an exclusive section.
/// </remarks>
public interface IInvalidationStrategy
{
    /// <summary>Find, decide and patch are one critical section under TbLock, and so are flush and invalidation.</summary>
    static virtual bool TakesTbLock => true;

    /// <summary>Called once, before any vCPU runs: make room for what is kept for each vCPU.</summary>
    void Attach(int cpus);

    /// <summary>The vCPU enters its execution loop; it has no last block.</summary>
    void RunStarts(VCpu cpu);

    /// <summary>The vCPU is back from generated code and does not hold TbLock yet.</summary>
    void CodeLeft(VCpu cpu);

    /// <summary>The jump cache missed: the vCPU starts a look-up in the hash.</summary>
    void SlowLookup(VCpu cpu);

    /// <summary>E1: the block was invalidated; it is marked, out of all caches and unlinked.</summary>
    void Invalidated(TranslationBlock tb);

    /// <summary>E2, once for each vCPU: its jump cache was emptied; hash, page lists and arena are not reset yet.</summary>
    void CpuFlushed(VCpu cpu);

    /// <summary>E2, once: follows <see cref="CpuFlushed"/>; the arena still lists the live blocks.</summary>
    void Flushed(CodeArena arena);

    /// <summary>The vCPU has flushed because it found no free slot for a new block, and goes on to allocate it.</summary>
    void FlushedForSpace(VCpu cpu);

    /// <summary>U1: may exit n of <paramref name="last"/> be linked to <paramref name="tb"/>? Consumes an event if the strategy says so.</summary>
    /// <param name="last">
    /// The slot whose block ended the vCPU's last chain; it may describe another block by now. Null if there is no exit to link.
    /// </param>
    /// <param name="tb">The block found, in the same critical section.</param>
    bool MayPatch(VCpu cpu, TranslationBlock? last, TranslationBlock tb);

    /// <summary>The block to run has been decided; the critical section that found it is about to end.</summary>
    void BlockChosen(VCpu cpu);

    /// <summary>U2: a temporary block is about to be generated beside an original.</summary>
    /// <returns>State to hand to <see cref="OriginSurvives"/>.</returns>
    ulong NoCacheStarts(VCpu cpu);

    /// <summary>U2: did the original survive the generation? Also restores what <see cref="NoCacheStarts"/> changed.</summary>
    bool OriginSurvives(VCpu cpu, TranslationBlock origin, ulong started);
}
