using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Mutants;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Mutation;

/// <summary>An atomic read-modify-write becomes a read and a write.</summary>
internal sealed class WeakenInterlocked : IMutationOperator
{
    private static readonly string[] s_names = [.. typeof(NonAtomic).GetMethods().Where(m => m.IsStatic).Select(m => m.Name)];

    public string Name => "weaken-interlocked";

    public string Summary => "read, then write, instead of one atomic step";

    // The other thread comes in between; or what was a full fence is none.
    public IReadOnlyList<MemoryOptions> Under { get; } =
        [MemoryOptions.For("sc", RaceMode.Fail, plainPoints: true), MemoryOptions.For("dotnet")];

    public IEnumerable<Instruction> Find(MethodDefinition method) =>
        method.Body.Instructions.Where(i => Calls.Of(i, "System.Threading.Interlocked") is { } called && s_names.Contains(called.Name));

    public void Apply(MethodDefinition method, Instruction at)
    {
        var atomic = (MethodReference)at.Operand;
        var weak = new GenericInstanceMethod(method.Module.ImportReference(typeof(NonAtomic).GetMethod(atomic.Name)));
        weak.GenericArguments.Add(Calls.Location(atomic));
        at.Operand = weak;
    }
}
