using Mono.Cecil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter;

/// <summary>Lists the static fields through which one execution can be seen by the next.</summary>
/// <remarks>
/// Left out: constants, read-only fields of types that cannot change (numbers, strings, enums, delegates), and the compiler's own caches of
/// delegates and data, which hold the same value whenever they are filled.
/// </remarks>
internal static class StaticFields
{
    internal static IReadOnlyList<StaticField> Of(ModuleDefinition module) =>
    [
        .. from type in module.GetTypes()
           where CanLeak(type)
           from field in type.Fields
           where field.IsStatic && !field.IsLiteral && !IsCompilerCache(field) && !(field.IsInitOnly && IsImmutable(field.FieldType))
           select new StaticField(
               MemberNames.Table(type),
               PropertyOf(field.Name),
               MemberNames.Readable(field.FieldType),
               field.IsInitOnly,
               Resettable: !IsThreadStatic(field),
               IsThreadStatic(field)),
    ];

    /// <summary>Whether a type can have fields of the kind; the compiler's own cannot.</summary>
    internal static bool CanLeak(TypeDefinition type) =>
        !type.Name.StartsWith("<>", StringComparison.Ordinal) && !type.Name.StartsWith("<PrivateImpl", StringComparison.Ordinal);

    internal static bool IsThreadStatic(FieldDefinition field) => TypeFacts.Has(field, "System.ThreadStaticAttribute");

    private static bool IsCompilerCache(FieldDefinition field) =>
        field.Name.StartsWith('<') && !field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal);

    private static string PropertyOf(string field) =>
        field.EndsWith(">k__BackingField", StringComparison.Ordinal) ? field[1..field.IndexOf('>', StringComparison.Ordinal)] : field;

    private static bool IsImmutable(TypeReference type)
    {
        type = TypeFacts.Bare(type);
        if (type.IsPrimitive || type.MetadataType == MetadataType.String)
        {
            return true;
        }

        return type is not ArrayType && TypeFacts.TryResolve(type) is { } definition
            && (definition.IsEnum || definition.BaseType?.FullName == "System.MulticastDelegate"
                || definition.FullName is "System.Type" or "System.Decimal" or "System.DateTime" or "System.TimeSpan" or "System.Guid"
                    or "System.Text.Encoding" or "System.Text.RegularExpressions.Regex" or "System.Version");
    }
}
