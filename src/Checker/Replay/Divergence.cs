namespace Verify.Checker.Replay;

/// <summary>The first event at which a program departs from a recorded schedule.</summary>
/// <param name="Event">Number of the event, from 1.</param>
/// <param name="Recorded">What the schedule has there.</param>
/// <param name="Actual">What the program does there.</param>
public sealed record Divergence(int Event, string Recorded, string Actual)
{
    /// <inheritdoc/>
    public override string ToString() => $"event {Event}: recorded {Recorded}; now {Actual}";
}

/// <summary>Carries a <see cref="Divergence"/> out of a scheduler; the execution ends there.</summary>
public sealed class ScheduleDivergedException(Divergence divergence) : Exception(divergence.ToString())
{
    /// <summary>The difference.</summary>
    public Divergence Divergence { get; } = divergence;
}
