namespace Verify.Checker.Shims;

/// <summary>Names the framework type whose members the marked static class stands in for after rewriting.</summary>
/// <remarks>
/// A static member <c>R T.M(A a)</c> has the shim <c>R M(A a, int site)</c>; an instance member has <c>R M(T self, A a, int site)</c>;
/// a constructor <c>new T(A a)</c> has <c>T Create(A a, int site)</c>; a property's accessors keep their metadata names (<c>get_X</c>).
/// Generic members keep their type parameters in order. The rewriter appends the site; nothing else of the call changes.
/// A member of the type that has no shim is refused by the rewriter, never passed through silently.
/// </remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ShimForAttribute(Type type) : Attribute
{
    /// <summary>The framework type.</summary>
    public Type Type { get; } = type;
}
