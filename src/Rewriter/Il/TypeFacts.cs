using Mono.Cecil;

namespace Verify.Rewriter.Il;

/// <summary>What the passes need to know of a type.</summary>
internal static class TypeFacts
{
    internal static bool IsVolatile(FieldReference field)
    {
        for (TypeReference? type = field.FieldType; type is IModifierType modifier; type = modifier.ElementType)
        {
            if (modifier.ModifierType.FullName == "System.Runtime.CompilerServices.IsVolatile")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The type without custom modifiers and pinning.</summary>
    internal static TypeReference Bare(TypeReference type)
    {
        while (type is IModifierType or PinnedType)
        {
            type = ((TypeSpecification)type).ElementType;
        }

        return type;
    }

    /// <summary>The type a shim is instantiated with: pointers are no type arguments, so they travel as native integers.</summary>
    internal static TypeReference AsTypeArgument(TypeReference type, ModuleDefinition module)
    {
        type = Bare(type);
        return type is PointerType or FunctionPointerType ? module.TypeSystem.IntPtr : type;
    }

    internal static bool IsValueType(TypeReference type)
    {
        type = Bare(type);
        if (type is GenericParameter or ArrayType or PointerType or ByReferenceType or FunctionPointerType)
        {
            return false;
        }

        // A reference made from a token, unlike one from a signature, does not know.
        return type.IsValueType || TryResolve(type) is { IsValueType: true };
    }

    /// <summary>Whether values of the type live on the stack only; null when the type's assembly is not to be found.</summary>
    internal static bool? IsByRefLike(TypeReference type)
    {
        type = Bare(type);
        switch (type)
        {
            case GenericParameter parameter:
                return (parameter.Attributes & (GenericParameterAttributes)0x20) != 0; // `allows ref struct`, ECMA-335 augmentation of .NET 9
            case ByReferenceType:
                return true;
            case ArrayType or PointerType or FunctionPointerType:
                return false;
        }

        if (type.IsPrimitive || type.MetadataType is MetadataType.String or MetadataType.Object or MetadataType.Class)
        {
            return false;
        }

        return TryResolve(type) is { } definition ? Has(definition, "System.Runtime.CompilerServices.IsByRefLikeAttribute") : null;
    }

    internal static bool Has(ICustomAttributeProvider provider, string attribute) =>
        provider.HasCustomAttributes && provider.CustomAttributes.Any(a => a.AttributeType.FullName == attribute);

    /// <summary>Whether the method, or a type around it, bears an attribute called RacesOnPurpose, or is named in the options.</summary>
    internal static bool RacesOnPurpose(MethodDefinition method, RewriteOptions options)
    {
        if (Bears(method) || options.RacesOnPurpose.Contains(MemberNames.Table(method.DeclaringType, method.Name)))
        {
            return true;
        }

        for (TypeDefinition? type = method.DeclaringType; type is not null; type = type.DeclaringType)
        {
            if (Bears(type))
            {
                return true;
            }
        }

        return false;

        static bool Bears(ICustomAttributeProvider provider) =>
            provider.HasCustomAttributes && provider.CustomAttributes.Any(a => a.AttributeType.Name == "RacesOnPurposeAttribute");
    }

    internal static TypeDefinition? TryResolve(TypeReference type)
    {
        try
        {
            return type.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return null;
        }
    }

    internal static FieldDefinition? TryResolve(FieldReference field)
    {
        try
        {
            return field.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return null;
        }
    }
}
