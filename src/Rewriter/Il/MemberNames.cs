using System.Text;
using Mono.Cecil;

namespace Verify.Rewriter.Il;

/// <summary>Spellings of types and members: for people, for the tables, and for matching a call with its shim.</summary>
internal static class MemberNames
{
    /// <summary>For tables and options: <c>Namespace.Outer.Inner</c>, no arity, no arguments.</summary>
    internal static string Table(TypeReference type)
    {
        string suffix = "";
        while (type is TypeSpecification specification && type is not GenericInstanceType)
        {
            suffix = type switch
            {
                ArrayType array => "[" + new string(',', array.Rank - 1) + "]",
                PointerType => "*",
                ByReferenceType => "&",
                _ => "",
            } + suffix;
            type = specification.ElementType;
        }

        TypeReference element = type is GenericInstanceType generic ? generic.ElementType : type;
        string name = WithoutArity(element.Name);
        if (element.DeclaringType is not null)
        {
            return Table(element.DeclaringType) + "." + name + suffix;
        }

        return (element.Namespace.Length > 0 ? element.Namespace + "." : "") + name + suffix;
    }

    /// <summary>For tables and options: <c>Namespace.Type.Member</c>.</summary>
    internal static string Table(TypeReference type, string member) => Table(type) + "." + WithoutAccessor(member);

    /// <summary>For site operations: <c>Type.Member</c>.</summary>
    internal static string Short(TypeReference type, string member)
    {
        string name = Table(type);
        int dot = name.LastIndexOf('.');
        return name[(dot + 1)..] + "." + (member == ".ctor" ? "new" : WithoutAccessor(member));
    }

    /// <summary>What a field is called where its value is shown: <c>Type.Field</c>; a captured variable by its source name.</summary>
    internal static string Location(FieldReference field)
    {
        string name = field.Name;
        if (name.StartsWith('<') && name.IndexOf('>', StringComparison.Ordinal) is > 1 and var end)
        {
            name = name[1..end];
        }

        return field.DeclaringType.Name.StartsWith('<') ? name : Short(field.DeclaringType, name);
    }

    /// <summary>The property or event an accessor belongs to; other names as they are.</summary>
    internal static string WithoutAccessor(string member)
    {
        foreach (string prefix in (ReadOnlySpan<string>)["get_", "set_", "add_", "remove_"])
        {
            if (member.StartsWith(prefix, StringComparison.Ordinal))
            {
                return member[prefix.Length..];
            }
        }

        return member;
    }

    /// <summary>For people and site names: C#'s words for the built-in types, full names for the rest, arguments in angle brackets.</summary>
    internal static string Readable(TypeReference type)
    {
        switch (type)
        {
            case ArrayType array:
                return Readable(array.ElementType) + "[" + new string(',', array.Rank - 1) + "]";
            case PointerType pointer:
                return Readable(pointer.ElementType) + "*";
            case ByReferenceType reference:
                return Readable(reference.ElementType) + "&";
            case GenericParameter:
                return type.Name;
            case FunctionPointerType function:
                IEnumerable<string> parts = function.Parameters.Select(p => Readable(p.ParameterType)).Append(Readable(function.ReturnType));
                return "delegate*<" + string.Join(",", parts) + ">";
            case GenericInstanceType generic:
                return Table(generic.ElementType) + "<" + string.Join(",", generic.GenericArguments.Select(Readable)) + ">";
            case TypeSpecification specification:
                return Readable(specification.ElementType);
        }

        return Keyword(type.MetadataType) ?? Table(type);
    }

    /// <summary>For matching: metadata names, <c>!i</c> and <c>!!i</c> for generic parameters, custom modifiers left out.</summary>
    /// <param name="type">The type.</param>
    /// <param name="shift">How many of a method's first generic parameters count as parameters of its type.</param>
    internal static string Key(TypeReference type, int shift = 0)
    {
        switch (type)
        {
            case ArrayType array:
                return Key(array.ElementType, shift) + "[" + new string(',', array.Rank - 1) + "]";
            case PointerType pointer:
                return Key(pointer.ElementType, shift) + "*";
            case ByReferenceType reference:
                return Key(reference.ElementType, shift) + "&";
            case GenericParameter { Type: GenericParameterType.Method } parameter when parameter.Position >= shift:
                return "!!" + (parameter.Position - shift);
            case GenericParameter parameter:
                return "!" + parameter.Position;
            case GenericInstanceType generic:
                return Key(generic.ElementType, shift) + "<" + string.Join(",", generic.GenericArguments.Select(a => Key(a, shift))) + ">";
            case FunctionPointerType:
                return "fnptr";
            case TypeSpecification specification:
                return Key(specification.ElementType, shift);
            default:
                return type.FullName;
        }
    }

    internal static string Key(MethodReference method) =>
        Key(method.Name, method.GenericParameters.Count, method.Parameters.Select(p => Key(p.ParameterType)));

    internal static string Key(string name, int arity, IEnumerable<string> parameters)
    {
        var text = new StringBuilder(name);
        if (arity > 0)
        {
            text.Append('`').Append(arity);
        }

        return text.Append('(').AppendJoin(',', parameters).Append(')').ToString();
    }

    internal static string WithoutArity(string name)
    {
        int tick = name.LastIndexOf('`');
        return tick > 0 ? name[..tick] : name;
    }

    private static string? Keyword(MetadataType type) => type switch
    {
        MetadataType.Void => "void",
        MetadataType.Boolean => "bool",
        MetadataType.Char => "char",
        MetadataType.SByte => "sbyte",
        MetadataType.Byte => "byte",
        MetadataType.Int16 => "short",
        MetadataType.UInt16 => "ushort",
        MetadataType.Int32 => "int",
        MetadataType.UInt32 => "uint",
        MetadataType.Int64 => "long",
        MetadataType.UInt64 => "ulong",
        MetadataType.Single => "float",
        MetadataType.Double => "double",
        MetadataType.String => "string",
        MetadataType.Object => "object",
        MetadataType.IntPtr => "nint",
        MetadataType.UIntPtr => "nuint",
        _ => null,
    };
}
