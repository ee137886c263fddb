namespace Verify.Tests.Sct;

/// <summary>Our own C# restatements of the programs that SCTBench made standard, by their names there. Shared variables are volatile, so that each access is an event.</summary>
/// <remarks>Thomson, Donaldson and Betts, "Concurrency Testing Using Controlled Schedulers", TOPC 2016. Written afresh from the descriptions.</remarks>
public static class SctCatalog
{
    /// <summary>Every program with a bug, by name.</summary>
    public static IReadOnlyDictionary<string, Action> All { get; } = new SortedDictionary<string, Action>(StringComparer.Ordinal)
    {
        ["account"] = Account.Run,
        ["bluetooth"] = Bluetooth.Run,
        ["deadlock01"] = Deadlock01.Run,
        ["lazy01"] = Lazy01.Run,
        ["queue"] = BoundedQueue.Run,
        ["qsort_mt"] = Qsort.Run,
        ["reorder_3"] = () => Reorder.Run(3),
        ["reorder_4"] = () => Reorder.Run(4),
        ["reorder_5"] = () => Reorder.Run(5),
        ["reorder_10"] = () => Reorder.Run(10),
        ["reorder_20"] = () => Reorder.Run(20),
        ["reorder_50"] = () => Reorder.Run(50),
        ["reorder_100"] = () => Reorder.Run(100),
        ["safestack"] = SafeStack.Run,
        ["stack"] = Stack.Run,
        ["stringbuffer"] = StringBuffer.Run,
        ["token_ring"] = TokenRing.Run,
        ["twostage"] = () => TwoStage.Run(1, 1),
        ["twostage_20"] = () => TwoStage.Run(10, 10),
        ["twostage_50"] = () => TwoStage.Run(25, 25),
        ["twostage_100"] = () => TwoStage.Run(50, 50),
        ["work_stealing_queue"] = WorkStealingQueue.Run,
        ["wronglock"] = () => WrongLock.Run(1, 3),
        ["wronglock_3"] = () => WrongLock.Run(3, 4),
    };
}
