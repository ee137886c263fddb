namespace Verify.Engine.Dirty;

/// <summary>Which pages were written, for three clients: the operations of the five source threads, as one thread uses them.</summary>
/// <remarks>
/// Implemented by structs, so that code generic over it is specialised and a benchmark measures the design. A value belongs to the thread that
/// attached it (<see cref="IDirtyMemoryDesign.Attach"/>).
/// Contract for every design: a set that has returned is seen by every later query and by exactly one later clear of each enabled client, whatever
/// runs beside it. Clears read the bits and clear them in one step. For a client that is not enabled every page counts as dirty, sets and clears do
/// nothing, and a clear reports dirt: its owner must assume the worst.
/// Order for writers: a device writes memory first and sets dirty afterwards; a vCPU may set first, and then a reader waits, after clearing and
/// before reading memory, until each vCPU has left its current block (DM07; the machine's part, not done here).
/// Pages outside the tracked memory are a <see cref="DirtyMemoryException"/>.
/// </remarks>
public interface IDirtyMemory
{
    /// <summary>Pages tracked; only grows.</summary>
    long PageCount { get; }

    DirtyMemoryOptions Options { get; }

    /// <summary>Clients enabled at this moment.</summary>
    DirtyClients EnabledClients { get; }

    /// <summary>One page, one client: one cache line (cpu_physical_memory_get_dirty_flag).</summary>
    bool GetDirty(long page, DirtyClient client);

    /// <summary>The clients for which the page is dirty.</summary>
    DirtyClients GetDirtyFlags(long page);

    /// <summary>Whether some page of the range is dirty (cpu_physical_memory_get_dirty). False for an empty range.</summary>
    bool AnyDirty(PageRange range, DirtyClient client);

    /// <summary>Whether no page of the range is clean (cpu_physical_memory_all_dirty). True for an empty range.</summary>
    bool AllDirty(PageRange range, DirtyClient client);

    /// <summary>Length of the leading run of pages dirty for at least one of the clients (get_dirty_range of thread 1).</summary>
    long DirtyRun(PageRange range, DirtyClients clients);

    /// <summary>Length of the leading run of pages dirty for none of the clients (get_non_dirty_range of thread 1).</summary>
    long CleanRun(PageRange range, DirtyClients clients);

    /// <summary>Sets one page for all clients (set_dirty).</summary>
    void SetDirty(long page);

    /// <summary>Sets one page for one client (set_dirty_flag).</summary>
    void SetDirty(long page, DirtyClient client);

    /// <summary>Sets one page for some clients and returns what it is then dirty for (set_dirty_flags).</summary>
    DirtyClients SetDirtyFlags(long page, DirtyClients clients);

    /// <summary>Sets a range for some clients and tells <see cref="DirtyMemoryOptions.Listener"/> (cpu_physical_memory_set_dirty_range).</summary>
    void SetDirtyRange(PageRange range, DirtyClients clients);

    /// <summary>Ors 64 pages at once (set_dirty_range of thread 0). Bit i is page <paramref name="page"/> + i.</summary>
    /// <param name="page">A multiple of 64.</param>
    /// <param name="mask">No bit beyond the tracked pages.</param>
    /// <param name="clients">Whom to tell.</param>
    void SetDirtyWord(long page, ulong mask, DirtyClients clients);

    /// <summary>Clears a range for some clients without re-arming TLBs (mask_dirty_range); the caller re-arms, see ResetDirty.</summary>
    void ClearDirtyRange(PageRange range, DirtyClients clients);

    /// <summary>Clears a range; true if some page was dirty, and then TLBs are re-armed (cpu_physical_memory_test_and_clear_dirty).</summary>
    bool TestAndClearDirty(PageRange range, DirtyClient client);

    /// <summary>Moves the dirty pages of a range into a bitmap; TLBs are re-armed if there were any
    /// (cpu_physical_memory_sync_dirty_bitmap).</summary>
    /// <param name="destination">Bit i is page range.Start + i; ored into; owned by the caller. Bits beyond the range stay.</param>
    /// <param name="range">Any alignment; a word shared with a neighbour gives up only the bits inside (DM12).</param>
    /// <param name="client">Whose pages; live migration's by default.</param>
    /// <returns>Pages that were not in the bitmap before.</returns>
    long SyncDirtyBitmap(Span<ulong> destination, PageRange range, DirtyClient client = DirtyClient.Migration);

    /// <summary>Ends the use of this value by its thread.</summary>
    void Detach();
}
