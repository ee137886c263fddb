using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Handlers and filters wide enough to see the checker's abort of an execution begin with a check that lets it pass.</summary>
/// <remarks>
/// Wide enough are <c>System.Exception</c>, <c>System.Object</c>, no type at all, and a type parameter: such a handler throws the abort on. A
/// filter, which may not be left by a branch, goes straight to its end with the answer "no", so that none of the program's code in it runs.
/// </remarks>
internal sealed class CatchAbortPass : IRewritePass
{
    private const string Shim = "AbortShim";

    public void Run(MethodEditor method)
    {
        foreach (ExceptionHandler handler in method.Method.Body.ExceptionHandlers)
        {
            switch (handler.HandlerType)
            {
                case ExceptionHandlerType.Catch when IsWide(handler.CatchType):
                    method.Before(
                        handler.HandlerStart,
                        Instruction.Create(OpCodes.Dup),
                        Instruction.Create(OpCodes.Call, method.Module.EntryPoint(Shim, "OnCatch")));
                    break;
                case ExceptionHandlerType.Filter:
                    AnswerNo(method, handler);
                    break;
            }
        }
    }

    private static bool IsWide(TypeReference? type) => type is null or GenericParameter || type.FullName is "System.Exception" or "System.Object";

    private static void AnswerNo(MethodEditor method, ExceptionHandler handler)
    {
        Instruction end = handler.HandlerStart.Previous; // endfilter is the last instruction before the handler, ECMA-335 III.3.34
        Instruction look = Instruction.Create(OpCodes.Nop);
        method.Before(
            handler.FilterStart,
            Instruction.Create(OpCodes.Dup),
            Instruction.Create(OpCodes.Call, method.Module.EntryPoint(Shim, "MayFilter")),
            Instruction.Create(OpCodes.Brtrue, look),
            Instruction.Create(OpCodes.Pop),
            Instruction.Create(OpCodes.Ldc_I4_0),
            Instruction.Create(OpCodes.Br, end),
            look);
    }
}
