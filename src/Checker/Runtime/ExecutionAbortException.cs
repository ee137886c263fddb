namespace Verify.Checker.Runtime;

/// <summary>Unwinds a controlled thread when its execution has ended early. The rewriter makes catch-all handlers let it pass.</summary>
public sealed class ExecutionAbortException : Exception
{
    internal ExecutionAbortException()
        : base("The execution ended; this thread is being unwound. Code that catches every exception must let this one pass.")
    {
    }
}
