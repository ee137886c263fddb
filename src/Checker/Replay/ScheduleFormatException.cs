namespace Verify.Checker.Replay;

/// <summary>A schedule file that cannot be used. The message is one line that says why and what to do.</summary>
public sealed class ScheduleFormatException(string message) : Exception(message);
