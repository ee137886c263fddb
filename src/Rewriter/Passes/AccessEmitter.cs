using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Replaces an access by a call of <c>Load&lt;T&gt;(ref T, int)</c> or <c>Store&lt;T&gt;(ref T, T, int)</c> of a shim class.</summary>
/// <remarks>
/// A field access becomes "take the address, call", an indirect access has its address on the stack already. The prefix <c>unaligned.</c> is
/// dropped: the processors the checker runs on load and store plain values at any address.
/// </remarks>
internal sealed class AccessEmitter(MethodEditor method, string shimClass)
{
    internal void Redirect(Access access, TypeReference value, string description, StackAnalysis stacks)
    {
        string location = access.Field is { } field ? MemberNames.Location(field) : "";
        Instruction[] call = Call(access.First, access.IsStore, value, description, location, access.Traits(stacks));
        Instruction? address = access.Field is null ? null
            : Instruction.Create(access.IsStatic ? OpCodes.Ldsflda : OpCodes.Ldflda, access.Field);
        if (address is null)
        {
            method.Replace(access.First, access.At, call);
        }
        else if (!access.IsStore)
        {
            method.Replace(access.First, access.At, [address, .. call]);
        }
        else
        {
            VariableDefinition spilled = method.Borrow(value);
            method.Replace(
                access.First,
                access.At,
                [Instruction.Create(OpCodes.Stloc, spilled), address, Instruction.Create(OpCodes.Ldloc, spilled), .. call]);
            method.Return(spilled);
        }
    }

    /// <summary>The site and the call; the address, and for a store the value, are on the stack.</summary>
    internal Instruction[] Call(
        Instruction at, bool store, TypeReference value, string description, string location = "", SiteTraits traits = SiteTraits.None)
    {
        TypeReference argument = TypeFacts.AsTypeArgument(value, method.Module.Module);
        return
        [
            .. method.Site(at, SiteOutcome.Controlled, description, description, location: location, traits: traits),
            Instruction.Create(OpCodes.Call, method.Module.EntryPoint(shimClass, store ? "Store" : "Load", argument)),
        ];
    }
}
