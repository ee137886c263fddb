using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Collections.Generic;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Mutation;

/// <summary>The instructions of one source statement that runs from its first to its last and can be moved as a whole.</summary>
/// <param name="Code">In order; at least one.</param>
internal sealed record Statement(Instruction[] Code)
{
    private static readonly Code[] s_writes =
        [Mono.Cecil.Cil.Code.Stloc, Mono.Cecil.Cil.Code.Starg, Mono.Cecil.Cil.Code.Ldloca, Mono.Cecil.Cil.Code.Ldarga];

    private static readonly Code[] s_memory =
    [
        Mono.Cecil.Cil.Code.Ldfld, Mono.Cecil.Cil.Code.Stfld, Mono.Cecil.Cil.Code.Ldsfld, Mono.Cecil.Cil.Code.Stsfld,
        Mono.Cecil.Cil.Code.Ldobj, Mono.Cecil.Cil.Code.Stobj, Mono.Cecil.Cil.Code.Initobj,
    ];

    internal Instruction First => Code[0];

    /// <summary>It reads or writes fields, elements or memory, or calls what may; else it concerns this thread's locals alone.</summary>
    internal bool TouchesMemory => Code.Any(i => i.OpCode.FlowControl == FlowControl.Call || s_memory.Contains(i.OpCode.Code) || IsIndirect(i.OpCode.Code));

    internal Instruction Last => Code[^1];

    /// <summary>The statements of a method that can be moved, in IL order.</summary>
    internal static IReadOnlyList<Statement> Of(MethodDefinition method)
    {
        Collection<Instruction> all = method.Body.Instructions;
        var stacks = new StackAnalysis(method);
        HashSet<int> starts = [.. method.DebugInformation.SequencePoints.Select(p => p.Offset)];
        HashSet<Instruction> targets = Targets(method);
        var statements = new List<Statement>();
        var code = new List<Instruction>();
        bool movable = false;
        for (int i = 0; i <= all.Count; i++)
        {
            if (i == all.Count || (starts.Contains(all[i].Offset) && code.Count > 0))
            {
                // A line may end in the middle of an expression, as in a chain of calls; what it began must have ended.
                if (movable && code.Count > 0 && (i == all.Count || stacks.Depth(all[i]) == 0))
                {
                    statements.Add(new Statement([.. code]));
                }

                code.Clear();
            }

            if (i < all.Count)
            {
                movable = code.Count == 0
                    ? stacks.Depth(all[i]) == 0 && IsStraight(all[i])
                    : movable && IsStraight(all[i]) && !targets.Contains(all[i]);
                code.Add(all[i]);
            }
        }

        return statements;
    }

    /// <summary>Whether the order of the two makes a difference to this thread's own locals.</summary>
    internal static bool Depend(Statement a, Statement b) => a.Written().Intersect(b.Used()).Any() || b.Written().Intersect(a.Used()).Any();

    /// <summary>Instructions that are reached other than from the one before.</summary>
    internal static HashSet<Instruction> Targets(MethodDefinition method)
    {
        var targets = new HashSet<Instruction>();
        foreach (Instruction at in method.Body.Instructions)
        {
            targets.UnionWith(at.Operand as Instruction[] ?? (at.Operand is Instruction one ? [one] : []));
        }

        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
        {
            targets.UnionWith(new[] { handler.TryStart, handler.TryEnd, handler.HandlerStart, handler.HandlerEnd, handler.FilterStart }.OfType<Instruction>());
        }

        return targets;
    }

    // Loads and stores through references and pointers, and of elements of arrays.
    private static bool IsIndirect(Code code) =>
        code is >= Mono.Cecil.Cil.Code.Ldind_I1 and <= Mono.Cecil.Cil.Code.Stind_R8 or Mono.Cecil.Cil.Code.Stind_I
        or >= Mono.Cecil.Cil.Code.Ldelem_I1 and <= Mono.Cecil.Cil.Code.Stelem_Any;

    private static bool IsStraight(Instruction at) =>
        at.OpCode.FlowControl is FlowControl.Next or FlowControl.Call or FlowControl.Meta && at.OpCode != OpCodes.Jmp;

    private IEnumerable<object> Written() => Code.Where(i => s_writes.Contains(i.OpCode.Code)).Select(i => i.Operand);

    private IEnumerable<object> Used() => Code.Select(i => i.Operand).Where(o => o is VariableDefinition or ParameterDefinition);
}
