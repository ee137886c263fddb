using System.Diagnostics.CodeAnalysis;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Verify.Rewriter.Il;

/// <summary>An instruction that calls, makes or points at a method, with its prefixes.</summary>
/// <param name="First">Its first prefix, or itself.</param>
/// <param name="At">The instruction.</param>
/// <param name="Method">The method it names.</param>
/// <param name="DeclaringType">The type whose member runs: the constrained type where that is a struct, else the declaring type.</param>
/// <param name="Constrained">The type of the <c>constrained.</c> prefix, or null.</param>
internal sealed record MethodUse(Instruction First, Instruction At, MethodReference Method, TypeReference DeclaringType, TypeReference? Constrained)
{
    internal Code Code => At.OpCode.Code;

    internal static bool TryRead(Instruction at, [NotNullWhen(true)] out MethodUse? call)
    {
        call = null;
        if (at.OpCode.Code is not (Code.Call or Code.Callvirt or Code.Newobj or Code.Ldftn or Code.Ldvirtftn or Code.Ldtoken or Code.Jmp)
            || at.Operand is not MethodReference method)
        {
            return false;
        }

        TypeReference? constrained = null;
        Instruction first = at;
        foreach (Instruction prefix in Prefixes.Of(at))
        {
            first = prefix;
            if (prefix.OpCode.Code == Code.Constrained)
            {
                constrained = (TypeReference)prefix.Operand;
            }
        }

        TypeReference declaring = constrained is not null && TypeFacts.IsValueType(constrained) ? constrained : method.DeclaringType;
        call = new MethodUse(first, at, method, declaring, constrained);
        return true;
    }
}

/// <summary>The prefixes of an instruction.</summary>
internal static class Prefixes
{
    /// <summary>From the nearest to the first.</summary>
    internal static IEnumerable<Instruction> Of(Instruction at)
    {
        for (Instruction? i = at.Previous; i is not null && i.OpCode.OpCodeType == OpCodeType.Prefix; i = i.Previous)
        {
            yield return i;
        }
    }
}
