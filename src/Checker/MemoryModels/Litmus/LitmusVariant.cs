namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>An option under which a test's verdict may differ, by its name in litmus files.</summary>
/// <param name="Name">The name.</param>
/// <param name="Options">Model and option.</param>
public sealed record LitmusVariant(string Name, MemoryModelOptions Options)
{
    /// <summary>Every variant; the only list.</summary>
    public static IReadOnlyList<LitmusVariant> All { get; } =
    [
        new("casAcquire", new MemoryModelOptions { CasFail = CasFail.Acquire }),
        new("refRelease", new MemoryModelOptions { Publication = Publication.Release }),
        new("relaxRW", new MemoryModelOptions { RelaxReadWrite = true }),
        new("lockFull", new MemoryModelOptions { LockFence = LockFence.Full }),
        new("lockFull_tso", new MemoryModelOptions { Model = MemoryModel.Tso, LockFence = LockFence.Full }),
        new("appendOnly", new MemoryModelOptions { Placement = Placement.AppendOnly }),
    ];
}
