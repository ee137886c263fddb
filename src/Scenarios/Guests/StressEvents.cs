namespace Verify.Scenarios.Guests;

/// <summary>What whole guests may run into on real threads; each is rare, and each is what some protocol of the engine is for.</summary>
public enum StressEvent
{
    /// <summary>A jump was linked.</summary>
    Linked,

    /// <summary>The vCPU was asked to come out while it was about to link a jump.</summary>
    KickedWhilePatching,

    /// <summary>The block to link from was invalidated since it ran; the link is refused.</summary>
    OriginDied,

    /// <summary>The block to link to was invalidated since it was found; the link is refused.</summary>
    DestinationDied,

    /// <summary>A slot was handed out again while its block ran: a flush, and a new translation, while the vCPU executed.</summary>
    FlushedWhileExecuting,

    /// <summary>A block was invalidated while it ran: by a store of its own, after which it must be left, or by another vCPU's.</summary>
    InvalidatedWhileExecuting,

    /// <summary>A block was entered that had been invalidated or flushed before: through a stale jump or a stale slot of the jump cache.</summary>
    StaleBlockEntered,

    /// <summary>Generated code was left because somebody had asked for it.</summary>
    LeftOnRequest,
}

/// <summary>How often each event was seen. For any number of threads.</summary>
public sealed class StressEvents
{
    private readonly long[] _counts = new long[Enum.GetValues<StressEvent>().Length]; // Interlocked

    /// <summary>One more.</summary>
    public void Count(StressEvent what) => Interlocked.Increment(ref _counts[(int)what]);

    /// <summary>So many until now.</summary>
    public long this[StressEvent what] => Volatile.Read(ref _counts[(int)what]);
}
