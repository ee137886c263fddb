using Mono.Cecil;
using Verify.Checker;
using Verify.Rewriter.Input;

namespace Verify.Rewriter.Loading;

/// <summary>A method marked as a concurrency test.</summary>
/// <param name="Name">Namespace, types and method, joined by dots; unique in its assembly.</param>
/// <param name="Problem">Why it cannot be run, or null.</param>
public sealed record TestMethod(string Name, string? Problem);

/// <summary>Finds the tests of an assembly in its metadata; none of its code is loaded.</summary>
public static class TestMethods
{
    // Coyote's by name: an existing test assembly runs without this project knowing the package.
    private static readonly string[] s_attributes = [typeof(TestAttribute).FullName!, "Microsoft.Coyote.SystematicTesting.TestAttribute"];

    /// <summary>The marked methods, by name.</summary>
    /// <exception cref="RewriteException">The file is no assembly.</exception>
    public static IReadOnlyList<TestMethod> Find(string path)
    {
        using var resolver = new FrameworkResolver([Path.GetDirectoryName(Path.GetFullPath(path))!]);
        InputAssembly input = InputAssembly.Open(path, resolver);
        return
        [
            .. from type in input.Module.GetTypes()
               from method in type.Methods
               where method.CustomAttributes.Any(a => s_attributes.Contains(a.AttributeType.FullName))
               let test = new TestMethod(NameOf(method), Problem(method))
               orderby test.Name
               select test,
        ];
    }

    private static string NameOf(MethodDefinition method) => method.DeclaringType.FullName.Replace('/', '.') + "." + method.Name;

    private static string? Problem(MethodDefinition method) =>
        method.Parameters.Count > 0 ? "it has parameters"
        : method.HasGenericParameters || method.DeclaringType.HasGenericParameters ? "it is generic"
        : method.ReturnType.MetadataType != MetadataType.Void ? $"it returns {method.ReturnType.Name}; tasks are outside control"
        : method.CustomAttributes.Any(a => a.AttributeType.Name == "AsyncStateMachineAttribute") ? "it is async; tasks are outside control"
        : !method.IsPublic || !IsVisible(method.DeclaringType) ? "it is not public"
        : !method.IsStatic && !HasDefaultConstructor(method.DeclaringType) ? "its class has no public constructor without parameters"
        : null;

    private static bool IsVisible(TypeDefinition type) => type.IsNested ? type.IsNestedPublic && IsVisible(type.DeclaringType) : type.IsPublic;

    private static bool HasDefaultConstructor(TypeDefinition type) =>
        !type.IsAbstract && type.Methods.Any(m => m is { IsConstructor: true, IsStatic: false, IsPublic: true, Parameters.Count: 0 });
}
