using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Collections.Generic;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Mutation;

/// <summary>Two stores to different places that follow each other change places; one of them at least is volatile or atomic.</summary>
/// <remarks>
/// A call of a method of the same assembly that itself stores with order, as a property's setter or an append to a queue, is such a store as well: that
/// is how the program it is meant for writes what it publishes.
/// </remarks>
internal sealed class SwapStores : IMutationOperator
{
    public string Name => "swap-stores";

    public string Summary => "two adjacent stores in the other order";

    public IReadOnlyList<MemoryOptions> Under { get; } =
        [MemoryOptions.For("sc", RaceMode.Fail, plainPoints: true), MemoryOptions.For("dotnet", RaceMode.Fail)];

    public IEnumerable<Instruction> Find(MethodDefinition method) => Pairs(method).Select(p => p.A.First);

    public void Apply(MethodDefinition method, Instruction at)
    {
        (Statement a, Statement b) = Pairs(method).First(p => p.A.First == at);
        Collection<Instruction> code = method.Body.Instructions;
        int index = code.IndexOf(a.First);

        // What jumps to the first statement must now run the second one first.
        Instruction begin = Instruction.Create(OpCodes.Nop);
        Redirect(method, a.First, begin);
        foreach (Instruction instruction in b.Code)
        {
            code.Remove(instruction);
        }

        code.Insert(index++, begin);
        foreach (Instruction instruction in b.Code)
        {
            code.Insert(index++, instruction);
        }
    }

    private static IEnumerable<(Statement A, Statement B)> Pairs(MethodDefinition method)
    {
        HashSet<Instruction> targets = Statement.Targets(method);
        IReadOnlyList<Statement> statements = Statement.Of(method);
        for (int i = 0; i + 1 < statements.Count; i++)
        {
            Statement a = statements[i], b = statements[i + 1];
            if (a.Last.Next == b.First && !targets.Contains(b.First) && !Statement.Depend(a, b)
                && Place(a) is var (first, firstIsOrdered) && Place(b) is var (second, secondIsOrdered)
                && (firstIsOrdered || secondIsOrdered) && (first is null || second is null || first != second))
            {
                yield return (a, b);
            }
        }
    }

    // Where the statement's one store goes, if that is a field or a method, and whether it is ordered; null if it has none, or several.
    private static (string? Where, bool IsOrdered)? Place(Statement statement)
    {
        Instruction[] stores = [.. statement.Code.Where(i => IsOrderedStore(i) || IsPlainStore(i) || StoringMethod(i) is not null)];
        if (stores.Length != 1)
        {
            return null;
        }

        Instruction store = stores[0];
        string? where = StoringMethod(store)?.FullName ?? (store.Operand as FieldReference)?.FullName
            ?? (statement.Code.Any(IsElement) ? null : (statement.Code.FirstOrDefault(i => i.OpCode.Code is Code.Ldflda or Code.Ldsflda)?.Operand as FieldReference)?.FullName);
        return (where, !IsPlainStore(store));
    }

    private static bool IsElement(Instruction at) => at.OpCode.Code is Code.Ldelema or Code.Add or Code.Stelem_Any or Code.Stelem_Ref;

    // A method of the same module that stores with order.
    private static MethodDefinition? StoringMethod(Instruction at) =>
        at.OpCode.Code is Code.Call or Code.Callvirt && at.Operand is MethodReference called && called.DeclaringType.Scope is ModuleDefinition
        && called.Resolve() is { HasBody: true } method && method.Body.Instructions.Any(IsOrderedStore)
            ? method
            : null;

    private static bool IsOrderedStore(Instruction at) =>
        Calls.Of(at, "System.Threading.Volatile") is { Name: "Write" }
        || Calls.Of(at, "System.Threading.Interlocked") is { Name: not "MemoryBarrier" and not "MemoryBarrierProcessWide" and not "Read" }
        || (IsStore(at) && at.Previous?.OpCode.Code == Code.Volatile);

    private static bool IsPlainStore(Instruction at) => IsStore(at) && at.Previous?.OpCode.Code != Code.Volatile;

    private static bool IsStore(Instruction at) => at.OpCode.Code is Code.Stfld or Code.Stsfld or Code.Stobj
        or Code.Stind_I or Code.Stind_I1 or Code.Stind_I2 or Code.Stind_I4 or Code.Stind_I8 or Code.Stind_R4 or Code.Stind_R8 or Code.Stind_Ref
        or Code.Stelem_Any or Code.Stelem_I or Code.Stelem_I1 or Code.Stelem_I2 or Code.Stelem_I4 or Code.Stelem_I8 or Code.Stelem_Ref;

    private static void Redirect(MethodDefinition method, Instruction from, Instruction to)
    {
        foreach (Instruction at in method.Body.Instructions)
        {
            if (at.Operand == from)
            {
                at.Operand = to;
            }
            else if (at.Operand is Instruction[] cases)
            {
                at.Operand = cases.Select(c => c == from ? to : c).ToArray();
            }
        }

        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
        {
            handler.TryStart = handler.TryStart == from ? to : handler.TryStart;
            handler.TryEnd = handler.TryEnd == from ? to : handler.TryEnd;
            handler.HandlerStart = handler.HandlerStart == from ? to : handler.HandlerStart;
            handler.HandlerEnd = handler.HandlerEnd == from ? to : handler.HandlerEnd;
            handler.FilterStart = handler.FilterStart == from ? to : handler.FilterStart;
        }
    }
}
