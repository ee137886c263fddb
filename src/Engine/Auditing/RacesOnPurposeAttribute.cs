namespace Verify.Engine.Auditing;

/// <summary>The plain accesses of a method, or of all methods of a type, race with other threads' on purpose; a comment there says why.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Method)]
public sealed class RacesOnPurposeAttribute : Attribute;
