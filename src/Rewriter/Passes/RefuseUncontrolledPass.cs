using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Reports what stays outside control, and puts a throwing check before each use of it that was not allowed.</summary>
/// <remarks>
/// Calls are judged by shims and tables. Besides calls: fields that belong to operating-system threads and cannot be cleared for each controlled
/// one, methods the runtime locks, and finalizers, which run on a thread of the runtime. A finalizer gets no check, since throwing on that thread would end the process; it fails the run by name.
/// </remarks>
internal sealed class RefuseUncontrolledPass : IRewritePass
{
    private const string ThreadStatic = "System.ThreadStaticAttribute";
    private const string Synchronized = "System.Runtime.CompilerServices.MethodImplOptions.Synchronized";
    private const string Finalizer = "System.Object.Finalize";

    public void Run(MethodEditor method)
    {
        foreach (Instruction at in method.Snapshot())
        {
            if (MethodUse.TryRead(at, out MethodUse? call))
            {
                CallVerdict verdict = CallVerdict.Of(call, method.Module);
                if (verdict.Outcome is { } outcome && outcome != SiteOutcome.Controlled)
                {
                    Report(method, call.First, outcome, MemberNames.Table(call.DeclaringType, call.Method.Name), verdict.Reason);
                }
            }
            else if (at.Operand is FieldReference field && at.OpCode.Code is Code.Ldsfld or Code.Ldsflda or Code.Stsfld && IsThreadStatic(field))
            {
                bool generic = field.DeclaringType.GetElementType().HasGenericParameters || field.DeclaringType is GenericInstanceType;
                bool foreign = method.Module.IsForeign(field.DeclaringType);
                string name = MemberNames.Table(field.DeclaringType, field.Name);
                Report(
                    method,
                    Prefixes.Of(at).LastOrDefault(at),
                    generic || foreign ? Judge(method, ThreadStatic, name) : SiteOutcome.PassedThrough,
                    name,
                    generic ? "[ThreadStatic] fields of generic types cannot be found to be cleared for each controlled thread; move it to a class without parameters"
                        : foreign ? "[ThreadStatic] belongs to operating-system threads, which controlled threads share"
                        : "[ThreadStatic] field, cleared for each controlled thread");
            }
        }

        if ((method.Method.ImplAttributes & MethodImplAttributes.Synchronized) != 0)
        {
            string name = MemberNames.Table(method.Method.DeclaringType, method.Method.Name);
            Report(
                method,
                method.Instructions[0],
                Judge(method, Synchronized, name),
                name,
                "[MethodImpl(Synchronized)] locks inside the runtime; use a lock statement");
        }

        if (method.Method is { Name: "Finalize", IsVirtual: true, HasParameters: false } && !method.Method.DeclaringType.IsInterface)
        {
            string name = MemberNames.Table(method.Method.DeclaringType, method.Method.Name);
            method.ReportMethod(
                Judge(method, Finalizer, name), name, "a finalizer runs on a thread the checker does not schedule; dispose explicitly");
        }
    }

    private static SiteOutcome Judge(MethodEditor method, string kind, string name) =>
        method.Module.Options.AllowedUncontrolled.Contains(kind) || method.Module.Options.AllowedUncontrolled.Contains(name)
            ? SiteOutcome.Allowed
            : SiteOutcome.Refused;

    private static bool IsThreadStatic(FieldReference field) =>
        TypeFacts.TryResolve(field) is { } definition && TypeFacts.Has(definition, ThreadStatic);

    private static void Report(MethodEditor method, Instruction at, SiteOutcome outcome, string member, string reason)
    {
        if (outcome != SiteOutcome.Refused)
        {
            method.Report(at, outcome, member, reason);
            return;
        }

        method.Before(
            at,
            [
                Instruction.Create(OpCodes.Ldstr, member),
                .. method.Site(at, outcome, member, member, reason),
                Instruction.Create(OpCodes.Call, method.Module.EntryPoint("UncontrolledShim", "Reached")),
            ]);
    }
}
