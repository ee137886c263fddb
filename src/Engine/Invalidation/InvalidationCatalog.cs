using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>The only list of invalidation strategies.</summary>
public static class InvalidationCatalog
{
    public static IReadOnlyList<InvalidationEntry> All { get; } =
    [
        InvalidationEntry.Of<GlobalFlagInvalidation>("global-flag", "one flag for all vCPUs, QEMU up to 2.6", TbStorage.RecycledAtOnce,
            "one vCPU resets or consumes the event another one needs (TB01)"),
        InvalidationEntry.Of<PerCpuFlagInvalidation>("per-cpu-flag", "a flag per vCPU, set by flush, QEMU 2.7", TbStorage.RecycledAtOnce),
        InvalidationEntry.Of<FlushCounterInvalidation>("flush-counter", "a counter captured with the block to run", TbStorage.RecycledAtOnce),
        InvalidationEntry.Of<ValidMarkInvalidation>("valid-marker", "a mark in each block, set by invalidation and flush",
            TbStorage.AfterGracePeriod),
    ];

    /// <exception cref="UnknownStrategyException">No strategy has this name.</exception>
    public static InvalidationEntry Find(string name) =>
        All.FirstOrDefault(entry => entry.Name == name)
        ?? throw new UnknownStrategyException($"unknown strategy '{name}'; the strategies are {string.Join(", ", All.Select(entry => entry.Name))}");
}
