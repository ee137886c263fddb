namespace Verify.Checker.MemoryModels;

/// <summary>What an ordinary store of an object reference orders.</summary>
public enum Publication
{
    /// <summary>The contract: only the thread's earlier writes to heap instances come before it.</summary>
    Contract,

    /// <summary>CoreCLR on ARM64, whose heap store helper is an stlr: all earlier accesses come before it.</summary>
    Release,
}

/// <summary>What a CompareExchange that fails orders.</summary>
public enum CasFail
{
    /// <summary>The contract: a full fence, as every Interlocked method.</summary>
    Fence,

    /// <summary>CoreCLR on ARM64 with LSE, whose failing casal stores nothing: an acquire.</summary>
    Acquire,
}

/// <summary>What entering and leaving a lock orders.</summary>
public enum LockFence
{
    /// <summary>The contract: enter acquires, exit releases.</summary>
    Spec,

    /// <summary>What an interlocked lock word gives: a full fence at both.</summary>
    Full,
}

/// <summary>Where the machine offers to place a write that need not be appended.</summary>
public enum Placement
{
    /// <summary>Answer k in 1..<see cref="MemoryModelOptions.Delay"/> delays the write by k steps. For random exploration and PCT.</summary>
    Delays,

    /// <summary>One slot in every gap between distinct times above the floor. Exhaustive search with it is complete.</summary>
    Complete,

    /// <summary>
    /// Append, just above the floor, just before each own later write, just before each later write of the location:
    /// nearly all outcomes for far fewer slots.
    /// </summary>
    Practical,

    /// <summary>Append only: stale reads remain, writes of one thread stay in order.</summary>
    AppendOnly,
}

/// <summary>A memory model, its variants and its bounds. Bounds only ever remove behaviour.</summary>
public sealed record MemoryModelOptions
{
    private readonly int _history = 8;
    private readonly int _delay = 64;

    public MemoryModel Model { get; init; } = MemoryModel.DotNet;

    public Publication Publication { get; init; } = Publication.Contract;

    public CasFail CasFail { get; init; } = CasFail.Fence;

    public LockFence LockFence { get; init; } = LockFence.Spec;

    /// <summary>
    /// A plain write need only follow the reads that its address, its value or an earlier branch depend on, as the caller names them;
    /// otherwise it follows every earlier read of its thread.
    /// </summary>
    public bool RelaxReadWrite { get; init; }

    public Placement Placement { get; init; } = Placement.Delays;

    /// <summary>Most writes kept for a location (H), at least 2; the oldest is forgotten first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set below 2.</exception>
    public int History
    {
        get => _history;
        init => _history = value >= 2 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A history keeps at least 2 writes.");
    }

    /// <summary>Longest delay of a write (D), in steps, 0 to 1024; 0 appends every write.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set outside the range.</exception>
    public int Delay
    {
        get => _delay;
        init => _delay = value is >= 0 and <= 1024
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A delay is 0 to 1024 steps.");
    }

    /// <summary>How many steps back a read may look at most.</summary>
    public long Horizon { get; init; } = 4096;

    /// <summary>
    /// After that many reads in a row that return a write already seen while a newer one exists, a read is given the newest (B; CDSChecker's -m).
    /// </summary>
    public int StaleBound { get; init; } = 3;

    /// <summary>The same model for a search of all executions: complete slots, and bounds that short executions do not reach.</summary>
    public MemoryModelOptions ForSearch() => this with { Placement = Placement.Complete, History = Math.Max(History, 64), Horizon = 1L << 32 };

    /// <summary>CoreCLR on ARM64 as it is, where its code differs from the contract.</summary>
    public static MemoryModelOptions CoreClrArm64 { get; } = new()
    {
        Publication = Publication.Release,
        CasFail = CasFail.Acquire,
        LockFence = LockFence.Full,
    };
}
