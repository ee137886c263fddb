using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Mutation;

/// <summary>What the operators look for.</summary>
internal static class Calls
{
    /// <summary>The method an instruction calls if it is a static one of that type, else null.</summary>
    internal static MethodReference? Of(Instruction at, string type) =>
        at.OpCode.Code == Code.Call && at.Operand is MethodReference method && method.DeclaringType.FullName == type ? method : null;

    internal static bool IsMonitorEnter(Instruction at) =>
        Of(at, "System.Threading.Monitor") is { Name: "Enter", Parameters.Count: 2 };

    internal static bool IsMonitorExit(Instruction at) => Of(at, "System.Threading.Monitor") is { Name: "Exit" };

    /// <summary>The type of the location of an atomic or volatile access: what its first parameter refers to.</summary>
    internal static TypeReference Location(MethodReference method) =>
        ((ByReferenceType)TypeFacts.Bare(Generics.ParameterType(method, 0))).ElementType;

    /// <summary>Turns an instruction into another one, which branches then reach in its place.</summary>
    internal static void Become(Instruction at, OpCode code, object? operand = null)
    {
        at.OpCode = code;
        at.Operand = operand;
    }
}
