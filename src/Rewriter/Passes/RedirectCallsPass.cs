using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Calls of shimmed members become calls of their shims, with the number of the site as last argument.</summary>
/// <remarks>
/// The prefixes of a call go with it: <c>constrained.</c> on a struct leaves the address the shim takes, and <c>tail.</c> is dropped, because the
/// frame it would remove is the one a report names, and a framework call cannot recurse without bound through it.
/// </remarks>
internal sealed class RedirectCallsPass : IRewritePass
{
    public void Run(MethodEditor method)
    {
        StackAnalysis stacks = method.Stacks; // as the program has it: the answers are names and traits
        foreach (Instruction at in method.Snapshot())
        {
            if (MethodUse.TryRead(at, out MethodUse? call)
                && CallVerdict.Of(call, method.Module) is { Outcome: SiteOutcome.Controlled, Shim: { } shim })
            {
                Redirect(method, call, shim, stacks);
            }
        }
    }

    // Volatile and Interlocked: the first argument is the location, the second, for a store, the value.
    private static SiteTraits Traits(StackAnalysis stacks, MethodUse call)
    {
        MethodReference callee = call.Method;
        int count = callee.Parameters.Count;
        if (call.Code != Code.Call || callee.HasThis || count == 0 || callee.Parameters[0].ParameterType is not (ByReferenceType or RequiredModifierType))
        {
            return SiteTraits.None;
        }

        SiteTraits address = stacks.At(call.At, count - 1).Traits & ~SiteTraits.ConstantValue;
        return count > 1 && stacks.At(call.At, count - 2).IsConstant ? address | SiteTraits.ConstantValue : address;
    }

    private static void Redirect(MethodEditor method, MethodUse call, ShimTarget shim, StackAnalysis stacks)
    {
        string member = MemberNames.Table(call.DeclaringType, call.Method.Name);
        string operation = MemberNames.Short(call.DeclaringType, call.Method.Name);
        if (call.Code is Code.Ldftn or Code.Ldvirtftn)
        {
            RedirectPointer(method, call, shim, member, operation);
            return;
        }

        int arguments = call.Method.Parameters.Count + (call.Method.HasThis && call.Code != Code.Newobj ? 1 : 0);
        string location = arguments == 0 || call.Method.Name == ".ctor" ? "" : stacks.At(call.At, arguments - 1).Name ?? "";
        Instruction[] site = method.Site(
            call.First, SiteOutcome.Controlled, member, operation, location: location, traits: Traits(stacks, call));
        Instruction target = Instruction.Create(OpCodes.Call, shim.For(call.DeclaringType, call.Method, method.Module.Module));
        if (call.Code == Code.Call && call.Method.Name == ".ctor")
        {
            // A struct made in place: its address lies under the arguments, where stobj wants it.
            method.Replace(call.First, call.At, [.. site, target, Instruction.Create(OpCodes.Stobj, call.DeclaringType)]);
        }
        else if (call.Constrained is not null && !TypeFacts.IsValueType(call.Constrained))
        {
            method.Replace(call.First, call.At, [.. Dereference(method, call), .. site, target]);
        }
        else
        {
            method.Replace(call.First, call.At, [.. site, target]);
        }
    }

    // `constrained.` on a class, or on a type parameter that stands for one, takes the address of the reference; a shim takes the reference.
    private static List<Instruction> Dereference(MethodEditor method, MethodUse call)
    {
        VariableDefinition[] arguments =
            [.. Enumerable.Range(0, call.Method.Parameters.Count).Select(i => method.Borrow(Generics.ParameterType(call.Method, i)))];
        List<Instruction> code =
        [
            .. arguments.Reverse().Select(a => Instruction.Create(OpCodes.Stloc, a)),
            Instruction.Create(OpCodes.Ldobj, call.Constrained),
            Instruction.Create(OpCodes.Box, call.Constrained),
            .. arguments.Select(a => Instruction.Create(OpCodes.Ldloc, a)),
        ];
        foreach (VariableDefinition argument in arguments)
        {
            method.Return(argument);
        }

        return code;
    }

    private static void RedirectPointer(MethodEditor method, MethodUse call, ShimTarget shim, string member, string operation)
    {
        Instruction load = Instruction.Create(OpCodes.Ldc_I4, 0);
        Instruction[] site = [Instruction.Create(OpCodes.Ldsfld, method.Module.SiteBase), load, Instruction.Create(OpCodes.Add)];
        MethodReference stub = method.Module.Stubs.Make(site, shim, call.Method, operation);
        method.SiteInStub(call.At, member + " (delegate)", operation, load);
        Instruction pointer = Instruction.Create(OpCodes.Ldftn, stub);
        if (call.Code == Code.Ldvirtftn)
        {
            // ldvirtftn takes the object to dispatch on; the shim dispatches by itself.
            method.Replace(call.First, call.At, Instruction.Create(OpCodes.Pop), pointer);
        }
        else
        {
            method.Replace(call.First, call.At, pointer);
        }
    }
}
