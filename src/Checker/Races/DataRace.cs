using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Races;

/// <summary>A data race of the program under test, with both sides in the source and a schedule that leads to it.</summary>
/// <param name="Class">How bad it is.</param>
/// <param name="First">The side that was executed first.</param>
/// <param name="Second">The side at which it was noticed.</param>
/// <param name="Missing">What would have ordered them.</param>
/// <param name="Message">One line: both accesses, both threads, both places.</param>
/// <param name="Remedy">The missing edge in a sentence.</param>
/// <param name="Schedule">Replays to it.</param>
public sealed record DataRace(
    RaceClass Class, RacingAccess First, RacingAccess Second, MissingEdge Missing, string Message, string Remedy, Schedule Schedule)
{
    /// <summary>Everything over several lines, as in <see cref="Failure.Details"/>.</summary>
    public string Details => Describe(First, Second, Remedy);

    internal static string Describe(RacingAccess first, RacingAccess second, string remedy) =>
        string.Join(Environment.NewLine, [.. Lines(first), .. Lines(second), remedy]);

    private static IEnumerable<string> Lines(RacingAccess side) =>
        [$"{side.Thread}: {side.What} at {side.Site.Place}", .. side.Stack.Select(frame => "   at " + frame)];
}

/// <summary>One side of a data race.</summary>
/// <param name="Thread">Name of the thread.</param>
/// <param name="What">What it did: <c>plain write</c>, <c>volatile read</c>, <c>interlocked write</c>.</param>
/// <param name="Site">Where.</param>
/// <param name="Stack">Frames of the program under test, innermost first; empty if it is not known.</param>
public sealed record RacingAccess(string Thread, string What, Site Site, IReadOnlyList<string> Stack);
