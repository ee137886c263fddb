using Verify.Checker.MemoryModels;

namespace Verify.Checker.Races;

/// <summary>How bad a race is, worst first.</summary>
public enum RaceClass
{
    /// <summary>Two plain accesses, one of them larger than a word or misaligned: a value that no one wrote can be read.</summary>
    Torn,

    /// <summary>
    /// A plain read that its loop repeats with nothing acquiring in between: the JIT may read once and spin for ever. The contract asks for
    /// Volatile.Read.
    /// </summary>
    PlainSpin,

    /// <summary>Two plain accesses.</summary>
    PlainPlain,

    /// <summary>One side is plain, the other volatile or Interlocked.</summary>
    PlainVolatile,
}

/// <summary>What would have ordered the two sides.</summary>
public enum MissingEdge
{
    /// <summary>The first side's thread has released nothing since.</summary>
    Release,

    /// <summary>It has, and the second side's thread did not acquire it.</summary>
    Acquire,

    /// <summary>The second side's thread has read what was released, but by a plain read with no barrier after it.</summary>
    ReadBarrier,
}

/// <summary>One side of a race.</summary>
/// <param name="Thread">The thread.</param>
/// <param name="Site">The caller's number for the place in the code.</param>
/// <param name="Kind">How it accessed.</param>
/// <param name="IsWrite">Whether it wrote.</param>
public sealed record RaceSide(int Thread, int Site, AccessKind Kind, bool IsWrite);

/// <summary>Two accesses to one location, at least one of them a write and one plain, that nothing orders.</summary>
/// <param name="Class">The kind of race.</param>
/// <param name="First">The side that was executed first.</param>
/// <param name="Second">The side at which the race was noticed.</param>
/// <param name="Missing">What would have ordered them.</param>
public sealed record RaceReport(RaceClass Class, RaceSide First, RaceSide Second, MissingEdge Missing)
{
    /// <summary>The missing edge, and the remedy, in a sentence.</summary>
    public string Explanation => Missing switch
    {
        MissingEdge.Release =>
            $"thread {First.Thread} releases nothing after its {Noun(First)}: follow it with a Volatile.Write, an Interlocked operation or "
            + $"leaving a lock, and let thread {Second.Thread} acquire that before its {Noun(Second)}.",
        MissingEdge.Acquire =>
            $"thread {Second.Thread} has not acquired what thread {First.Thread} released after its {Noun(First)}: precede the {Noun(Second)} by a "
            + "Volatile.Read of what was released, or by entering the same lock.",
        _ =>
            $"thread {Second.Thread} read what thread {First.Thread} released, but by a plain read: make that a Volatile.Read, or put a "
            + $"Volatile.ReadBarrier before the {Noun(Second)}.",
    };

    private static string Noun(RaceSide side) => side.IsWrite ? "write" : "read";
}
