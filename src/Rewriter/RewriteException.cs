namespace Verify.Rewriter;

/// <summary>An assembly or a shim set that cannot be rewritten; the message is one line and names the remedy.</summary>
public sealed class RewriteException : Exception
{
    public RewriteException(string message)
        : base(message)
    {
    }

    public RewriteException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
