namespace Verify.Checker;

/// <summary>Marks a concurrency test: a public method without parameters that <c>verify test</c> runs under many schedules.</summary>
/// <remarks>
/// Static, or of a class with a constructor without parameters, of which each execution gets a new object. Methods marked
/// <c>Microsoft.Coyote.SystematicTesting.TestAttribute</c> are taken too, by that name.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TestAttribute : Attribute;
