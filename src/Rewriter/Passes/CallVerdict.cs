using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>What becomes of a call, judged the same way by every pass that looks at it.</summary>
/// <param name="Outcome">Controlled, passed through, allowed or refused; null for ordinary code.</param>
/// <param name="Reason">Why, unless controlled.</param>
/// <param name="Shim">The shim, when controlled.</param>
internal readonly record struct CallVerdict(SiteOutcome? Outcome, string Reason, ShimTarget? Shim)
{
    internal static CallVerdict Of(MethodUse call, ModuleContext module)
    {
        CallVerdict verdict = Judge(call, module);
        if (verdict.Outcome != SiteOutcome.Refused)
        {
            return verdict;
        }

        IReadOnlySet<string> allowed = module.Options.AllowedUncontrolled;
        return allowed.Contains(MemberNames.Table(call.DeclaringType)) || allowed.Contains(MemberNames.Table(call.DeclaringType, call.Method.Name))
            ? verdict with { Outcome = SiteOutcome.Allowed, Reason = "allowed by name; " + verdict.Reason }
            : verdict;
    }

    private static CallVerdict Judge(MethodUse call, ModuleContext module)
    {
        if (!module.IsForeign(call.DeclaringType))
        {
            return call.Method.GetElementMethod() is MethodDefinition { IsPInvokeImpl: true }
                ? Refused("native code is out of the rewriter's sight")
                : default;
        }

        switch (module.Map.Find(call.DeclaringType, call.Method, out ShimTarget? shim))
        {
            case RewriteMap.Match.PassThrough:
                return new CallVerdict(SiteOutcome.PassedThrough, "named harmless by its shim class", null);
            case RewriteMap.Match.NoShim:
                return Refused(UncontrolledMembers.Find(call.DeclaringType, call.Method) is { Harmless: false, IsNamespace: false } known
                    ? known.Reason
                    : "no shim stands in for this member of a controlled type");
            case RewriteMap.Match.Shimmed when call.Code is Code.Ldtoken or Code.Jmp:
                return Refused("calls through reflection and jmp are out of the rewriter's sight");
            case RewriteMap.Match.Shimmed when IsBaseConstructor(call):
                return Refused("a class that derives from a controlled type is not controlled");
            case RewriteMap.Match.Shimmed:
                return new CallVerdict(SiteOutcome.Controlled, "", shim);
        }

        return UncontrolledMembers.Find(call.DeclaringType, call.Method) switch
        {
            null => default,
            { Harmless: true } harmless => new CallVerdict(SiteOutcome.PassedThrough, harmless.Reason, null),
            { } refused => Refused(refused.Reason),
        };
    }

    private static bool IsBaseConstructor(MethodUse call) =>
        call.Method.Name == ".ctor" && call.Code == Code.Call && !TypeFacts.IsValueType(call.DeclaringType);

    private static CallVerdict Refused(string reason) => new(SiteOutcome.Refused, reason, null);
}
