using Mono.Cecil;
using Verify.Rewriter.Il;
using Verify.Rewriter.Input;
using Verify.Rewriter.Sites;

namespace Verify.Rewriter;

/// <summary>What the passes share while one module is rewritten.</summary>
internal sealed class ModuleContext(
    ModuleDefinition module, RewriteMap map, RewriteOptions options, FrameworkResolver resolver, IReadOnlySet<string> rewrittenSet)
{
    private readonly Dictionary<MethodDefinition, MethodReference> _entryPoints = [];

    internal ModuleDefinition Module { get; } = module;

    internal RewriteMap Map { get; } = map;

    internal RewriteOptions Options { get; } = options;

    internal SiteClass SiteClass { get; } = new(module, resolver);

    internal StubClass Stubs { get; } = new(module);

    internal FieldReference SiteBase => SiteClass.Base;

    /// <summary>A method that a pass calls by name, imported.</summary>
    internal MethodReference EntryPoint(string shimClass, string method)
    {
        MethodDefinition definition = Map.EntryPoint(shimClass, method);
        if (!_entryPoints.TryGetValue(definition, out MethodReference? reference))
        {
            _entryPoints.Add(definition, reference = Module.ImportReference(definition));
        }

        return reference;
    }

    /// <summary>The same, with one type argument.</summary>
    internal MethodReference EntryPoint(string shimClass, string method, TypeReference argument)
    {
        var generic = new GenericInstanceMethod(EntryPoint(shimClass, method));
        generic.GenericArguments.Add(argument);
        return generic;
    }

    /// <summary>Whether the type comes from outside the assemblies being rewritten.</summary>
    internal bool IsForeign(TypeReference type)
    {
        TypeReference element = TypeFacts.Bare(type).GetElementType();
        return element is not TypeDefinition && element.Scope is AssemblyNameReference assembly && !rewrittenSet.Contains(assembly.Name);
    }
}
