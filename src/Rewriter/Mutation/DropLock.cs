using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Mutation;

/// <summary>A <c>lock</c> statement takes no lock.</summary>
internal sealed class DropLock : IMutationOperator
{
    public string Name => "drop-lock";

    public string Summary => "run the body of a lock statement without the lock";

    public IReadOnlyList<MemoryOptions> Under { get; } =
        [MemoryOptions.For("sc", RaceMode.Fail, plainPoints: true)];

    public IEnumerable<Instruction> Find(MethodDefinition method) => method.Body.Instructions.Where(Calls.IsMonitorEnter);

    public void Apply(MethodDefinition method, Instruction at)
    {
        // `taken` stays false, so the finally block does not leave what was not entered.
        method.Body.Instructions.Insert(method.Body.Instructions.IndexOf(at) + 1, Instruction.Create(OpCodes.Pop));
        Calls.Become(at, OpCodes.Pop);
    }
}
