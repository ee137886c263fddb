using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>What the rewriter puts at the head of handlers that would catch everything: the end of an execution is not theirs to catch.</summary>
public static class AbortShim
{
    /// <summary>Throws <paramref name="exception"/> on when it is the checker's; otherwise returns.</summary>
    public static void OnCatch(object? exception)
    {
        if (exception is ExecutionAbortException)
        {
            throw new ExecutionAbortException();
        }
    }

    /// <summary>Whether a filter may look at the exception at all.</summary>
    public static bool MayFilter(object? exception) => exception is not ExecutionAbortException;
}
