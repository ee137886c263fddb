using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>The only list of invalidation strategies.</summary>
public static class InvalidationCatalog
{
    /// <summary>Each strategy with the flush discipline and storage it is meant for.</summary>
    public static IReadOnlyList<InvalidationEntry> All { get; } =
    [
        InvalidationEntry.Of<GlobalFlagInvalidation>("global-flag", "one flag for all vCPUs, QEMU up to 2.6", TbStorage.RecycledAtOnce,
            "one vCPU resets or consumes the event another one needs (TB01)"),
        InvalidationEntry.Of<PerCpuFlagInvalidation>("per-cpu-flag", "a flag per vCPU, set by flush, QEMU 2.7", TbStorage.RecycledAtOnce),
        InvalidationEntry.Of<FlushCounterInvalidation>("flush-counter", "a counter captured with the block to run", TbStorage.RecycledAtOnce),
        InvalidationEntry.Of<ValidMarkInvalidation>("valid-marker", "a mark in each block, set by invalidation and flush",
            TbStorage.AfterGracePeriod),
        InvalidationEntry.Of<ExclusiveFlushInvalidation>("exclusive-flush", "flush as exclusive safe work, no TbLock: QEMU today",
            TbStorage.RecycledAtOnce, flush: FlushDiscipline.Exclusive),
    ];

    /// <summary>Every strategy with every flush discipline and storage; those that are unsound by design say why.</summary>
    public static IReadOnlyList<InvalidationEntry> Combinations { get; } = [.. All.SelectMany(Combine)];

    /// <param name="name">A name from <see cref="All"/> or <see cref="Combinations"/>, or <c>path.dll:TypeName</c> for a strategy of one's own.</param>
    /// <exception cref="UnknownStrategyException">No strategy has this name, or the assembly has no such strategy.</exception>
    public static InvalidationEntry Find(string name) =>
        All.Concat(Combinations).FirstOrDefault(entry => entry.Name == name)
        ?? StrategyLoader.TryLoad(name)
        ?? throw new UnknownStrategyException(
            $"unknown strategy '{name}'; the strategies are {string.Join(", ", All.Select(entry => entry.Name))}, each also with " +
            "/under-lock or /exclusive and then /recycled or /grace; one of your own is path.dll:TypeName");

    /// <summary>A strategy under another flush discipline and storage, named <c>strategy/flush/storage</c>.</summary>
    /// <param name="entry">Of <see cref="All"/>, of <see cref="Combinations"/>, or one of a user's own, of which nothing is known to be wrong.</param>
    public static InvalidationEntry Combine(InvalidationEntry entry, FlushDiscipline flush, TbStorage storage)
    {
        string strategy = entry.Name.Split('/')[0];
        return entry with
        {
            Name = $"{strategy}/{(flush == FlushDiscipline.Exclusive ? "exclusive" : "under-lock")}/" +
                (storage == TbStorage.AfterGracePeriod ? "grace" : "recycled"),
            Flush = flush,
            Storage = storage,
            UnsoundBecause = Flaw(strategy, flush, storage),
        };
    }

    private static IEnumerable<InvalidationEntry> Combine(InvalidationEntry entry) =>
        from flush in new[] { FlushDiscipline.UnderTbLock, FlushDiscipline.Exclusive }
        from storage in new[] { TbStorage.RecycledAtOnce, TbStorage.AfterGracePeriod }
        select Combine(entry, flush, storage);

    // Nobody holds a block across an exclusive flush, so with it every strategy only decides how much is linked.
    private static string? Flaw(string strategy, FlushDiscipline flush, TbStorage storage) => (strategy, flush, storage) switch
    {
        (_, FlushDiscipline.Exclusive, _) => null,
        ("exclusive-flush", _, _) => "its loop takes no TbLock, so a flush under TbLock excludes nobody (TB05)",
        ("global-flag", _, TbStorage.RecycledAtOnce) => "one vCPU resets or consumes the event another one needs (TB01)",
        ("global-flag", _, _) => "the missed event lets a flushed block be linked; recycled later, it is still on the list of a live one (TB01, TB08)",
        ("valid-marker", _, TbStorage.RecycledAtOnce) => "a new block in the slot takes the mark away (TB04)",
        _ => null,
    };
}
