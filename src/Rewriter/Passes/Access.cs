using System.Diagnostics.CodeAnalysis;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>An instruction that loads or stores memory through a field, an address or an array, with its prefixes.</summary>
/// <param name="First">Its first prefix, or itself.</param>
/// <param name="At">The instruction.</param>
/// <param name="IsStore">Stores; otherwise loads.</param>
/// <param name="IsVolatile">Has the prefix <c>volatile.</c>, or names a volatile field.</param>
internal sealed record Access(Instruction First, Instruction At, bool IsStore, bool IsVolatile)
{
    internal FieldReference? Field => At.Operand as FieldReference;

    internal bool IsStatic => At.OpCode.Code is Code.Ldsfld or Code.Stsfld;

    internal static bool TryRead(Instruction at, [NotNullWhen(true)] out Access? access)
    {
        access = null;
        bool store;
        switch (at.OpCode.Code)
        {
            case Code.Ldfld or Code.Ldsfld or Code.Ldobj or (>= Code.Ldind_I1 and <= Code.Ldind_Ref):
                store = false;
                break;
            case Code.Stfld or Code.Stsfld or Code.Stobj or Code.Stind_I or (>= Code.Stind_Ref and <= Code.Stind_R8):
                store = true;
                break;
            default:
                return false;
        }

        Instruction first = at;
        bool isVolatile = at.Operand is FieldReference field && TypeFacts.IsVolatile(field);
        foreach (Instruction prefix in Prefixes.Of(at))
        {
            first = prefix;
            isVolatile |= prefix.OpCode.Code == Code.Volatile;
        }

        access = new Access(first, at, store, isVolatile);
        return true;
    }

    /// <summary>Type of the value that moves.</summary>
    internal TypeReference ValueType(StackAnalysis stacks, TypeSystem types)
    {
        if (Field is { } field)
        {
            return TypeFacts.Bare(Generics.FieldType(field));
        }

        return At.OpCode.Code switch
        {
            Code.Ldobj or Code.Stobj => TypeFacts.Bare((TypeReference)At.Operand),
            Code.Ldind_I1 or Code.Stind_I1 => types.SByte,
            Code.Ldind_U1 => types.Byte,
            Code.Ldind_I2 or Code.Stind_I2 => types.Int16,
            Code.Ldind_U2 => types.UInt16,
            Code.Ldind_I4 or Code.Stind_I4 => types.Int32,
            Code.Ldind_U4 => types.UInt32,
            Code.Ldind_I8 or Code.Stind_I8 => types.Int64,
            Code.Ldind_I or Code.Stind_I => types.IntPtr,
            Code.Ldind_R4 or Code.Stind_R4 => types.Single,
            Code.Ldind_R8 or Code.Stind_R8 => types.Double,

            // References of an unknown class travel as object: the value is the same, only its static type is lost.
            _ => stacks.At(At, IsStore ? 1 : 0).Type is ByReferenceType { ElementType: { } element } && !TypeFacts.IsValueType(element)
                ? TypeFacts.Bare(element)
                : types.Object,
        };
    }

    /// <summary>The receiver of a field access or the address of an indirect one; nothing for a static field.</summary>
    internal StackValue Target(StackAnalysis stacks) => stacks.At(At, IsStore ? 1 : 0);

    /// <summary>What is known of the address and, for a store, of the value.</summary>
    internal SiteTraits Traits(StackAnalysis stacks)
    {
        SiteTraits address = IsStatic ? SiteTraits.Static : Target(stacks) is var target && Field is null ? target.Traits & ~SiteTraits.ConstantValue
            : target.Type is ByReferenceType or PointerType ? target.Traits & ~SiteTraits.ConstantValue
            : SiteTraits.Field;
        return IsStore && stacks.At(At, 0).IsConstant ? address | SiteTraits.ConstantValue : address;
    }

    /// <summary>For reports: <c>load Box.Count</c>, <c>store (int)</c>.</summary>
    internal string Describe(TypeReference value) =>
        (IsStore ? "store " : "load ") + (Field is { } field
            ? MemberNames.Short(field.DeclaringType, field.Name)
            : "(" + MemberNames.Readable(value) + ")");
}
