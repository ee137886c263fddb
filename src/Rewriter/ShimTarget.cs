using Mono.Cecil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter;

/// <summary>A shim, and how a call of the framework member binds its generic parameters.</summary>
/// <param name="Method">The shim.</param>
/// <param name="Class">Its class.</param>
/// <param name="GenericClass">The class takes the framework type's parameters; otherwise the method takes them before its own.</param>
internal sealed record ShimTarget(MethodDefinition Method, TypeDefinition Class, bool GenericClass)
{
    /// <summary>The shim that stands in for exactly this reference.</summary>
    internal MethodReference For(TypeReference declaringType, MethodReference callee, ModuleDefinition module)
    {
        MethodReference shim = module.ImportReference(Method);
        IEnumerable<TypeReference> ofType = declaringType is GenericInstanceType type ? type.GenericArguments : [];
        IEnumerable<TypeReference> ofMethod = callee is GenericInstanceMethod method ? method.GenericArguments : [];
        if (GenericClass)
        {
            var instance = new GenericInstanceType(shim.DeclaringType);
            instance.GenericArguments.AddRange(ofType);
            shim = OnType(shim, instance);
        }
        else
        {
            ofMethod = ofType.Concat(ofMethod);
        }

        TypeReference[] arguments = [.. ofMethod];
        if (arguments.Length == 0)
        {
            return shim;
        }

        var generic = new GenericInstanceMethod(shim);
        generic.GenericArguments.AddRange(arguments);
        return generic;
    }

    /// <summary>The same method on an instance of its generic type.</summary>
    internal static MethodReference OnType(MethodReference method, TypeReference declaringType)
    {
        var reference = new MethodReference(method.Name, method.ReturnType, declaringType)
        {
            HasThis = method.HasThis,
            ExplicitThis = method.ExplicitThis,
            CallingConvention = method.CallingConvention,
        };
        foreach (GenericParameter parameter in method.GenericParameters)
        {
            reference.GenericParameters.Add(new GenericParameter(parameter.Name, reference));
        }

        foreach (ParameterDefinition parameter in method.Parameters)
        {
            reference.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
        }

        return reference;
    }
}
