namespace Verify.Checker.Tracing;

/// <summary>One line of a stack.</summary>
/// <param name="Method">Type and method, as <c>TbCache.Remove</c>; a lambda or local function is named after the method it stands in.</param>
/// <param name="File">Source file as in the symbols, or empty.</param>
/// <param name="Line">Source line, from 1; 0 when there are no symbols.</param>
public sealed record TraceFrame(string Method, string File, int Line)
{
    /// <inheritdoc/>
    public override string ToString() => Line > 0 ? $"{Method} at {Path.GetFileName(File)}:{Line}" : Method;
}
