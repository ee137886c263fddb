using Verify.Engine.Execution;

namespace Verify.Engine.Display;

/// <summary>What a scan of page tables must not leave out; a struct, so that it costs nothing. See <see cref="PageTableLines{TSteps}"/>.</summary>
public interface IScanSteps
{
    /// <summary>Has the walkers set D again in the entries whose D was cleared, and returns when no store goes through older translations (DM19).</summary>
    static virtual void FlushTlbs(Machine machine) => machine.TlbFlushAllCpusAndWait();

    /// <summary>
    /// Mappings that were brought in since the flush began may still be in a TLB when the next scan begins: they count for its answer too.
    /// </summary>
    static virtual bool KeepsNewMappings => true;

    /// <summary>
    /// A scan that comes to an entry for the first time does not know what its D-bit was before: the guest may have cleared it, and nobody watched.
    /// </summary>
    static virtual bool DoubtsNewEntries => true;
}

/// <summary>All of them.</summary>
public readonly struct ScanSteps : IScanSteps;
