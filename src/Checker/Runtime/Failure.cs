namespace Verify.Checker.Runtime;

/// <summary>Kinds of finding, each with its own name on the command line and in schedule files.</summary>
public enum FailureKind
{
    /// <summary>A violated assertion or invariant: an exception whose type is named as one.</summary>
    Assertion,

    /// <summary>Any other exception that left a thread's body.</summary>
    UnhandledException,

    /// <summary>No thread can proceed and at least one has not ended.</summary>
    Deadlock,

    /// <summary>The execution did not end within the step bound.</summary>
    StepBound,

    /// <summary>A block of native memory was released twice, or an address was released that was never allocated.</summary>
    BadFree,

    /// <summary>Two accesses to one location, at least one a write and one plain, that nothing orders.</summary>
    DataRace,

    /// <summary>The same choices led to another event sequence: the test itself is not deterministic.</summary>
    Nondeterminism,
}

/// <summary>What went wrong in one execution.</summary>
/// <param name="Kind">The verdict's name.</param>
/// <param name="Message">One line.</param>
/// <param name="Thread">Number of the thread that showed it, or -1.</param>
/// <param name="Details">Stack trace or the waits of a deadlock, over several lines; may be empty.</param>
public sealed record Failure(FailureKind Kind, string Message, int Thread, string Details)
{
    internal static Failure FromException(Exception exception, int thread)
    {
        string type = exception.GetType().Name;
        // By name, because the checker knows no test framework: Debug.Assert's, xUnit's, Coyote's and the scenarios' own all match.
        bool assertion = type.Contains("Assert", StringComparison.Ordinal) || type.Contains("Violation", StringComparison.Ordinal)
            || exception.GetType().GetInterfaces().Any(i => i.Name.Contains("Assert", StringComparison.Ordinal));
        string message = exception.Message.ReplaceLineEndings(" ");
        return new Failure(
            assertion ? FailureKind.Assertion : FailureKind.UnhandledException,
            assertion ? message : type + ": " + message,
            thread,
            exception.ToString());
    }
}
