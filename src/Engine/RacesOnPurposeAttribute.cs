namespace Verify.Engine;

/// <summary>The plain accesses of the method, or of the type's methods, race with those of other threads, and that is meant.</summary>
/// <param name="reason">Why every outcome is right.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class RacesOnPurposeAttribute(string reason) : Attribute
{
    /// <summary>Why every outcome is right.</summary>
    public string Reason { get; } = reason;
}
