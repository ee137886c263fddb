namespace Verify.Checker.Shims;

/// <summary>Members of the shimmed type that need no control: they neither block nor communicate, so a rewritten call keeps the original.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PassThroughAttribute(params string[] members) : Attribute
{
    /// <summary>Metadata names of the members, all overloads.</summary>
    public string[] Members { get; } = members;
}
