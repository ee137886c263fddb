using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Accesses with the prefix <c>volatile.</c>, which is what C#'s <c>volatile</c> fields compile to, become shim calls.</summary>
/// <remarks>A volatile field of a struct that is itself a temporary on the stack is read as it is: no other thread can hold that copy.</remarks>
internal sealed class VolatilePrefixPass : IRewritePass
{
    public void Run(MethodEditor method)
    {
        StackAnalysis stacks = method.Stacks;
        var emitter = new AccessEmitter(method, "VolatileShim");
        foreach (Instruction at in method.Snapshot())
        {
            if (Access.TryRead(at, out Access? access) && access.IsVolatile)
            {
                TypeReference value = access.ValueType(stacks, method.Module.Module.TypeSystem);
                string description = "volatile " + access.Describe(value);
                if (access is { Field: not null, IsStatic: false, IsStore: false }
                    && access.Target(stacks).Type is { } receiver && TypeFacts.IsValueType(receiver))
                {
                    method.Report(access.First, SiteOutcome.PassedThrough, description, "of a temporary on the stack");
                }
                else
                {
                    emitter.Redirect(access, value, description, stacks);
                }
            }
            else if (at.OpCode.Code is Code.Cpblk or Code.Initblk && Prefixes.Of(at).Any(p => p.OpCode.Code == Code.Volatile))
            {
                RefuseBlock(method, at);
            }
        }
    }

    private static void RefuseBlock(MethodEditor method, Instruction at)
    {
        string name = "volatile " + at.OpCode.Name;
        const string Reason = "block accesses with the volatile. prefix are not modelled; access the elements";
        if (method.Module.Options.AllowedUncontrolled.Contains(name))
        {
            method.Report(at, SiteOutcome.Allowed, name, "allowed by name; " + Reason);
            return;
        }

        Instruction first = Prefixes.Of(at).Last();
        method.Before(
            first,
            [
                Instruction.Create(OpCodes.Ldstr, name),
                .. method.Site(first, SiteOutcome.Refused, name, name, Reason),
                Instruction.Create(OpCodes.Call, method.Module.EntryPoint("UncontrolledShim", "Reached")),
            ]);
    }
}
