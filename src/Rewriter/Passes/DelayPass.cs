using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Puts a delay before each synchronization and leaves the synchronization itself as it is.</summary>
internal sealed class DelayPass : IRewritePass
{
    public void Run(MethodEditor method)
    {
        foreach (Instruction at in method.Snapshot())
        {
            if (MethodUse.TryRead(at, out MethodUse? call))
            {
                if (call.Code is Code.Call or Code.Callvirt or Code.Newobj && CallVerdict.Of(call, method.Module) is { Outcome: SiteOutcome.Controlled })
                {
                    Delay(method, call.First, MemberNames.Short(call.DeclaringType, call.Method.Name));
                }
            }
            else if (Access.TryRead(at, out Access? access) && access.IsVolatile)
            {
                Delay(method, access.First, "volatile access");
            }
        }
    }

    private static void Delay(MethodEditor method, Instruction first, string operation) => method.Before(
        first,
        [
            .. method.Site(first, SiteOutcome.Controlled, operation, operation),
            Instruction.Create(OpCodes.Call, method.Module.EntryPoint("DelayShim", "Before")),
        ]);
}
