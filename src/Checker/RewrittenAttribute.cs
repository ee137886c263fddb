namespace Verify.Checker;

/// <summary>Marks an assembly whose synchronization has been redirected to the checker.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class RewrittenAttribute(string rewriterVersion, string originalModuleVersion) : Attribute
{
    /// <summary>Version of the rewriter that produced the assembly.</summary>
    public string RewriterVersion { get; } = rewriterVersion;

    /// <summary>Module version id (MVID, "D" format) of the assembly before rewriting; schedule files name this one.</summary>
    public string OriginalModuleVersion { get; } = originalModuleVersion;

    /// <summary>Whether accesses without <c>volatile.</c> were redirected too.</summary>
    public bool PlainAccesses { get; init; }
}
