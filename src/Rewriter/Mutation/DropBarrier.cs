using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Verify.Rewriter.Mutation;

/// <summary>A full, read or write barrier is left out.</summary>
internal sealed class DropBarrier : IMutationOperator
{
    private static readonly string[] s_names = ["MemoryBarrier", "MemoryBarrierProcessWide", "ReadBarrier", "WriteBarrier"];

    public string Name => "drop-barrier";

    public string Summary => "leave out a memory barrier";

    public string From => "tso";

    public IEnumerable<Instruction> Find(MethodDefinition method) => method.Body.Instructions.Where(IsBarrier);

    public void Apply(MethodDefinition method, Instruction at) => Calls.Become(at, OpCodes.Nop);

    private static bool IsBarrier(Instruction at) =>
        (Calls.Of(at, "System.Threading.Interlocked") ?? Calls.Of(at, "System.Threading.Volatile") ?? Calls.Of(at, "System.Threading.Thread")) is { } method
        && s_names.Contains(method.Name);
}
