using System.Reflection;

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

    /// <summary>The process that ran the test died: a fatal error, such as a stack overflow or a write into foreign memory.</summary>
    Crash,

    /// <summary>Under a fair schedule the threads went round in circles, and none got any further.</summary>
    Livelock,

    /// <summary>A foreground thread was still there when the test body had returned.</summary>
    LeakedThread,

    /// <summary>A lock was used against its rules: left by a thread that does not hold it, released too often, entered again where that is forbidden.</summary>
    LockMisuse,

    /// <summary>An access to a block of native memory that had been released.</summary>
    UseAfterFree,

    /// <summary>A thread ended and still held a lock.</summary>
    AbandonedLock,

    /// <summary>A thread blocked, or ran without end, where the checker has no control. The process cannot go on.</summary>
    UncontrolledBlocking,

    /// <summary>Something the checker does not model was reached, or an object of the test was used by a thread outside control.</summary>
    UncontrolledCall,
}

/// <summary>What went wrong in one execution.</summary>
/// <param name="Kind">The verdict's name.</param>
/// <param name="Message">One line.</param>
/// <param name="Thread">Number of the thread that showed it, or -1.</param>
/// <param name="Details">Stack trace or the waits of a deadlock, over several lines; may be empty.</param>
public sealed record Failure(FailureKind Kind, string Message, int Thread, string Details)
{
    internal static Failure FromException(Exception thrown, int thread)
    {
        Exception exception = thrown;
        while (exception is AggregateException or BarrierPostPhaseException or TypeInitializationException or TargetInvocationException
            && exception.InnerException is { } inner)
        {
            exception = inner; // what the program threw; the framework has only carried it
        }

        string type = exception.GetType().Name;
        // By name, because the checker knows no test framework: Debug.Assert's, xUnit's, Coyote's and the scenarios' own all match.
        bool assertion = type.Contains("Assert", StringComparison.Ordinal) || type.Contains("Violation", StringComparison.Ordinal)
            || exception.GetType().GetInterfaces().Any(i => i.Name.Contains("Assert", StringComparison.Ordinal));
        string message = exception.Message.ReplaceLineEndings(" ");
        FailureKind kind = assertion ? FailureKind.Assertion : exception switch
        {
            Shims.UncontrolledCallException => FailureKind.UncontrolledCall,
            SynchronizationLockException or LockRecursionException or SemaphoreFullException => FailureKind.LockMisuse,
            ApplicationException { Message: Shims.MutexShim.NotHeld } => FailureKind.LockMisuse,
            _ => FailureKind.UnhandledException,
        };
        return new Failure(
            kind,
            kind is FailureKind.Assertion or FailureKind.UncontrolledCall ? message : type + ": " + message,
            thread,
            thrown.ToString());
    }
}
