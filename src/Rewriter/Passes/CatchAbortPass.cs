using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Handlers wide enough to swallow the checker's abort of an execution begin with a check that throws it on.</summary>
/// <remarks>
/// Wide enough are <c>System.Exception</c>, <c>System.Object</c>, no type at all, and a type parameter. A filter gets the same check: an exception
/// that leaves a filter counts as "no" (ECMA-335 I.12.4.2.5; CatchTests runs it), so the search goes on past the handler.
/// </remarks>
internal sealed class CatchAbortPass : IRewritePass
{
    public void Run(MethodEditor method)
    {
        foreach (ExceptionHandler handler in method.Method.Body.ExceptionHandlers)
        {
            switch (handler.HandlerType)
            {
                case ExceptionHandlerType.Catch when IsWide(handler.CatchType):
                    Check(method, handler.HandlerStart);
                    break;
                case ExceptionHandlerType.Filter:
                    Check(method, handler.FilterStart);
                    break;
            }
        }
    }

    private static bool IsWide(TypeReference? type) => type is null or GenericParameter || type.FullName is "System.Exception" or "System.Object";

    private static void Check(MethodEditor method, Instruction start) =>
        method.Before(
            start, Instruction.Create(OpCodes.Dup), Instruction.Create(OpCodes.Call, method.Module.EntryPoint("AbortShim", "OnCatch")));
}
