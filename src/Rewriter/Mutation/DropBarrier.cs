using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Mutation;

/// <summary>A full, read or write barrier is left out.</summary>
internal sealed class DropBarrier : IMutationOperator
{
    private static readonly string[] s_names = ["MemoryBarrier", "MemoryBarrierProcessWide", "ReadBarrier", "WriteBarrier"];

    public string Name => "drop-barrier";

    public string Summary => "leave out a memory barrier";

    // Where a store may stay in a buffer, and where a plain access needed the order.
    public IReadOnlyList<MemoryOptions> Under { get; } =
        [MemoryOptions.For("tso"), MemoryOptions.For("dotnet", RaceMode.Fail)];

    public IEnumerable<Instruction> Find(MethodDefinition method) => method.Body.Instructions.Where(IsBarrier);

    public void Apply(MethodDefinition method, Instruction at) => Calls.Become(at, OpCodes.Nop);

    private static bool IsBarrier(Instruction at) =>
        (Calls.Of(at, "System.Threading.Interlocked") ?? Calls.Of(at, "System.Threading.Volatile") ?? Calls.Of(at, "System.Threading.Thread")) is { } method
        && s_names.Contains(method.Name);
}
