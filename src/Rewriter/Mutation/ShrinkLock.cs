using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Collections.Generic;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Mutation;

/// <summary>The first or the last statement of a <c>lock</c> body runs outside the lock.</summary>
internal sealed class ShrinkLock(bool fromStart) : IMutationOperator
{
    public string Name => fromStart ? "shrink-lock-start" : "shrink-lock-end";

    public string Summary => fromStart ? "run the first statement of a lock body before taking the lock" : "run the last statement of a lock body after the lock";

    public IReadOnlyList<MemoryOptions> Under { get; } =
        [MemoryOptions.For("sc", RaceMode.Fail, plainPoints: true)];

    public IEnumerable<Instruction> Find(MethodDefinition method) => Places(method).Select(p => p.Moved.First);

    public void Apply(MethodDefinition method, Instruction at)
    {
        (ExceptionHandler handler, Statement moved) = Places(method).First(p => p.Moved.First == at);
        Collection<Instruction> code = method.Body.Instructions;
        foreach (Instruction instruction in moved.Code)
        {
            code.Remove(instruction);
        }

        Instruction before = fromStart ? handler.TryStart : handler.HandlerEnd;
        if (!fromStart)
        {
            handler.TryEnd.Previous.Operand = moved.First; // the leave at the end of the body; others leave past the moved statement
            handler.HandlerEnd = moved.First;
        }

        int index = code.IndexOf(before);
        foreach (Instruction instruction in moved.Code)
        {
            code.Insert(index++, instruction);
        }
    }

    private IEnumerable<(ExceptionHandler Handler, Statement Moved)> Places(MethodDefinition method)
    {
        IReadOnlyList<Statement> statements = Statement.Of(method);
        HashSet<Instruction> targets = Statement.Targets(method);
        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers.Where(h => h.HandlerType == ExceptionHandlerType.Finally && h.HandlerEnd is not null))
        {
            Instruction leave = handler.TryEnd.Previous;
            Instruction? enter = Range(handler.TryStart, handler.TryEnd).Take(4).FirstOrDefault(Calls.IsMonitorEnter);
            if (enter is null || !Range(handler.HandlerStart, handler.HandlerEnd).Any(Calls.IsMonitorExit)
                || leave.OpCode.Code != Code.Leave || leave.Operand != handler.HandlerEnd)
            {
                continue;
            }

            // What is moved must not be all there is: that would be no lock at all. Nor what concerns this thread alone, as the start of a loop.
            Statement? moved = statements.FirstOrDefault(s => fromStart ? s.First == enter.Next : s.Last.Next == leave);
            if (moved is not null && moved.TouchesMemory && !(moved.First == enter.Next && moved.Last.Next == leave) && !targets.Contains(moved.First))
            {
                yield return (handler, moved);
            }
        }
    }

    private static IEnumerable<Instruction> Range(Instruction from, Instruction to)
    {
        for (Instruction at = from; at != to; at = at.Next)
        {
            yield return at;
        }
    }
}
