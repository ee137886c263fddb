using Mono.Cecil;

namespace Verify.Rewriter.Il;

/// <summary>Generic parameters of a member's signature replaced by what the reference to it binds them to.</summary>
internal static class Generics
{
    internal static TypeReference FieldType(FieldReference field) =>
        Substitute(field.FieldType, field.DeclaringType as GenericInstanceType, null);

    internal static TypeReference ReturnType(MethodReference method) =>
        Substitute(method.ReturnType, method.DeclaringType as GenericInstanceType, method as GenericInstanceMethod);

    internal static TypeReference ParameterType(MethodReference method, int index) =>
        Substitute(method.Parameters[index].ParameterType, method.DeclaringType as GenericInstanceType, method as GenericInstanceMethod);

    internal static TypeReference Substitute(TypeReference type, GenericInstanceType? declaring, GenericInstanceMethod? method)
    {
        if ((declaring is null && method is null) || !type.ContainsGenericParameter)
        {
            return type;
        }

        switch (type)
        {
            case GenericParameter { Type: GenericParameterType.Type } parameter when declaring is not null:
                return declaring.GenericArguments[parameter.Position];
            case GenericParameter { Type: GenericParameterType.Method } parameter when method is not null:
                return method.GenericArguments[parameter.Position];
            case ArrayType array:
                TypeReference element = Substitute(array.ElementType, declaring, method);
                return array.IsVector ? new ArrayType(element) : new ArrayType(element, array.Rank);
            case PointerType pointer:
                return new PointerType(Substitute(pointer.ElementType, declaring, method));
            case ByReferenceType reference:
                return new ByReferenceType(Substitute(reference.ElementType, declaring, method));
            case RequiredModifierType modified:
                return new RequiredModifierType(modified.ModifierType, Substitute(modified.ElementType, declaring, method));
            case OptionalModifierType modified:
                return new OptionalModifierType(modified.ModifierType, Substitute(modified.ElementType, declaring, method));
            case GenericInstanceType generic:
                var instance = new GenericInstanceType(generic.ElementType) { IsValueType = generic.IsValueType };
                foreach (TypeReference argument in generic.GenericArguments)
                {
                    instance.GenericArguments.Add(Substitute(argument, declaring, method));
                }

                return instance;
            default:
                return type;
        }
    }

    /// <summary>The field as code of its own type names it: bound to the type's own parameters where it has some.</summary>
    internal static FieldReference InOwnType(FieldDefinition field) =>
        Own(field.DeclaringType) is { } own ? new FieldReference(field.Name, field.FieldType, own) : field;

    /// <summary>The static method without parameters, likewise.</summary>
    internal static MethodReference InOwnType(MethodDefinition method) =>
        Own(method.DeclaringType) is { } own ? new MethodReference(method.Name, method.ReturnType, own) : method;

    private static GenericInstanceType? Own(TypeDefinition type)
    {
        if (!type.HasGenericParameters)
        {
            return null;
        }

        var own = new GenericInstanceType(type) { IsValueType = type.IsValueType };
        foreach (GenericParameter parameter in type.GenericParameters)
        {
            own.GenericArguments.Add(parameter);
        }

        return own;
    }
}
