using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;

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
            Calls.Become(at, OpCodes.Nop);
            return;
        }

        var access = (MethodReference)at.Operand;
        Calls.Become(at, access.Name == "Read" ? OpCodes.Ldobj : OpCodes.Stobj, Calls.Location(access));
    }
}
