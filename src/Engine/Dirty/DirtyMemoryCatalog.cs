using Verify.Engine.Rcu;

namespace Verify.Engine.Dirty;

/// <summary>One design: how to name it, where it comes from, and whether to trust it.</summary>
/// <param name="Name">As the command line spells it.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Source">The message that proposed it.</param>
/// <param name="IsSound">Whether no interleaving of setters, clearers, growth and clients loses a page.</param>
/// <param name="Why">The reason.</param>
/// <param name="Create">Makes it.</param>
public sealed record DirtyMemoryEntry(
    string Name, string Summary, string Source, bool IsSound, string Why, Func<DirtyMemoryOptions, IDirtyMemoryDesign> Create);

/// <summary>The only list of designs.</summary>
public static class DirtyMemoryCatalog
{
    public static IReadOnlyList<DirtyMemoryEntry> All { get; } =
    [
        new("byte-flags", "One byte of flags per page, 0xff dirty for all", "QEMU before 2010; thread 0's predecessor", true,
            "eight flags change in one interlocked operation", o => new ByteFlagsDirtyMemory<NoSummary>(o)),
        new("byte-flags-word-counter", "Byte flags and a count of 0xff pages per 64", "thread 1, OHMURA February 2010, corrected", true,
            "byte and counter change under one lock per group; the count is never too low", o => new ByteFlagsDirtyMemory<WordCounterSummary>(o)),
        new("byte-flags-summary-bit", "Byte flags and one bit per 64 pages", "thread 1, Kivity 13 February 2010", true,
            "page before bit on set; a second bit while a clearer re-checks", o => new ByteFlagsDirtyMemory<BitSummary>(o)),
        new("client-bitmaps", "One flat bitmap per client, indexed by client", "thread 0, OHMURA and Tamura March 2010, with Kivity's array", true,
            "every word operation is atomic and the bitmap never moves", o => new ClientBitmapsDirtyMemory<AtomicBits>(o)),
        new("master-bitmap", "Writers set one bitmap; readers or it into theirs", "thread 0, Kivity 16 March 2010", true,
            "exchange, or into every client, and readers wait for drains in flight", o => new MasterBitmapDirtyMemory<AtomicBits, ExchangeDrain>(o)),
        new("rcu-blocks", "Per client an RCU-published array of bitmap blocks", "thread 3, Hajnoczi", true,
            "blocks are shared by all arrays, arrays freed after a grace period; fences on both sides",
            o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth>(o)),
        new("rcu-blocks-asymmetric", "As rcu-blocks; readers without fences", "thread 3, Hajnoczi, on QEMU's membarrier variant of RCU", true,
            "as rcu-blocks, with the fences supplied by the writer's process-wide barrier",
            o => new RcuDirtyMemoryBlocks<AsymmetricRcu, AtomicBits, SharedBlockGrowth>(o)),
    ];

    /// <param name="name">A name from <see cref="All"/>, or <c>path.dll:TypeName</c> for a design of one's own.</param>
    /// <exception cref="DirtyMemoryException">There is none; the message lists those there are.</exception>
    public static DirtyMemoryEntry Find(string name) => All.FirstOrDefault(e => e.Name == name)
        ?? DirtyMemoryLoader.TryLoad(name)
        ?? throw new DirtyMemoryException(
            $"There is no dirty-memory design '{name}': use one of {string.Join(", ", All.Select(e => e.Name))}; one of your own is path.dll:TypeName.");
}
