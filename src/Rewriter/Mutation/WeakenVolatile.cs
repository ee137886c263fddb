using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Mutation;

/// <summary>A volatile read or write becomes a plain one.</summary>
internal sealed class WeakenVolatile : IMutationOperator
{
    public string Name => "weaken-volatile";

    public string Summary => "a plain access instead of a volatile one";

    public IReadOnlyList<MemoryOptions> Under { get; } =
        [MemoryOptions.For("dotnet", RaceMode.Fail)];

    public IEnumerable<Instruction> Find(MethodDefinition method) => method.Body.Instructions.Where(
        i => i.OpCode.Code == Code.Volatile || Calls.Of(i, "System.Threading.Volatile") is { Name: "Read" or "Write" });

    public void Apply(MethodDefinition method, Instruction at)
    {
        if (at.OpCode.Code == Code.Volatile)
        {
            if (at.Next.Operand is FieldReference field)
            {
                ByReference(method, at, field);
            }
            else
            {
                Calls.Become(at, OpCodes.Nop);
            }

            return;
        }

        var access = (MethodReference)at.Operand;
        Calls.Become(at, access.Name == "Read" ? OpCodes.Ldobj : OpCodes.Stobj, Calls.Location(access));
    }

    // A volatile field stays one in its own type, whatever the prefix says; through a reference its access is plain.
    private static void ByReference(MethodDefinition method, Instruction at, FieldReference field)
    {
        Instruction access = at.Next;
        TypeReference type = TypeFacts.Bare(Generics.FieldType(field));
        OpCode address = access.OpCode.Code is Code.Ldsfld or Code.Stsfld ? OpCodes.Ldsflda : OpCodes.Ldflda;
        if (access.OpCode.Code is Code.Ldfld or Code.Ldsfld)
        {
            Calls.Become(at, address, field);
            Calls.Become(access, OpCodes.Ldobj, type);
            return;
        }

        var value = new VariableDefinition(type);
        method.Body.Variables.Add(value);
        int index = method.Body.Instructions.IndexOf(access);
        Calls.Become(at, OpCodes.Stloc, value);
        method.Body.Instructions.Insert(index, Instruction.Create(OpCodes.Ldloc, value));
        method.Body.Instructions.Insert(index, Instruction.Create(address, field));
        Calls.Become(access, OpCodes.Stobj, type);
    }
}
