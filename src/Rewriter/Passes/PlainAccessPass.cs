using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Accesses without <c>volatile.</c> become calls of <c>PlainShim.Load</c> and <c>PlainShim.Store</c>.</summary>
/// <remarks>
/// Left as they are, each reported with its reason: what no other thread can see (this method's own locals, an object before its base constructor,
/// a temporary), what cannot be an argument of a generic method (ref structs, refs), static constructors and the static read-only fields they fill,
/// which the runtime's own lock orders, and the compiler's caches of delegates. Not redirected and not reported: <c>cpblk</c>, <c>initblk</c>, and
/// copies made inside the framework, such as <c>Span.CopyTo</c>.
/// </remarks>
internal sealed class PlainAccessPass : IRewritePass
{
    private const string Shim = "PlainShim";

    public void Run(MethodEditor method)
    {
        StackAnalysis stacks = method.Stacks;
        var emitter = new AccessEmitter(method, Shim);
        var arrays = new ArrayAccessEmitter(method, emitter, stacks);
        Instruction? baseCall = BaseConstructorCall(method, stacks);
        bool beforeBase = baseCall is not null;
        foreach (Instruction at in method.Snapshot())
        {
            if (at == baseCall)
            {
                beforeBase = false;
            }

            if (!stacks.IsReached(at))
            {
                continue;
            }

            if (Access.TryRead(at, out Access? access) && !access.IsVolatile && !IsOurs(access))
            {
                TypeReference value = access.ValueType(stacks, method.Module.Module.TypeSystem);
                string description = access.Describe(value);
                if (Reason(method, access, value, stacks, beforeBase) is not { } reason)
                {
                    emitter.Redirect(access, value, description, stacks);
                }
                else
                {
                    method.Report(access.First, SiteOutcome.Skipped, description, reason);
                }
            }
            else if (at.OpCode.Code is Code.Cpobj or Code.Initobj)
            {
                Whole(method, at, emitter, stacks);
            }
            else if (access is null && !IsStaticConstructor(method.Method))
            {
                arrays.Redirect(at);
            }
        }
    }

    // The number of the first site, which the passes read to make site numbers.
    private static bool IsOurs(Access access) => access.Field is FieldDefinition { DeclaringType.Namespace: Sites.SiteClass.Namespace };

    private static string? Reason(MethodEditor method, Access access, TypeReference value, StackAnalysis stacks, bool beforeBase)
    {
        if (IsStaticConstructor(method.Method))
        {
            return "in a static constructor, which the runtime's lock orders";
        }

        if (Unfit(value) is { } unfit)
        {
            return unfit;
        }

        if (access.IsStatic)
        {
            return StaticReason(access.Field!);
        }

        StackValue target = access.Target(stacks);
        if (target.Origin == StackOrigin.Frame)
        {
            return "of this method's own frame";
        }

        if (access.Field is { } field)
        {
            if (beforeBase && target.Origin == StackOrigin.This)
            {
                return "of an object whose base constructor has not run, which no other thread has";
            }

            if (target.Type is { } receiver && TypeFacts.IsValueType(receiver))
            {
                return "of a temporary on the stack";
            }

            if (TypeFacts.IsByRefLike(field.DeclaringType) != false)
            {
                return "of a ref struct, which lives on one thread's stack";
            }
        }

        return null;
    }

    private static string? StaticReason(FieldReference reference)
    {
        if (TypeFacts.TryResolve(reference) is not { } field)
        {
            return null;
        }

        return field.IsInitOnly ? "static and read-only: ordered by the runtime's lock around the static constructor"
            : field.DeclaringType.Name.StartsWith('<') ? "a cache made by the compiler"
            : TypeFacts.Has(field, "System.ThreadStaticAttribute") ? "of one operating-system thread"
            : null;
    }

    /// <summary>Why values of the type cannot pass through a generic method; null when they can.</summary>
    internal static string? Unfit(TypeReference value)
    {
        if (TypeFacts.IsByRefLike(value) is not { } byRefLike)
        {
            return "its type's assembly is not found; add its folder to the search directories";
        }

        if (byRefLike)
        {
            return "of a ref struct or a ref, which cannot be a type argument";
        }

        return !value.IsPrimitive && value is not (GenericParameter or ArrayType or PointerType or FunctionPointerType)
            && TypeFacts.TryResolve(value) is { } type && TypeFacts.Has(type, "System.Runtime.CompilerServices.InlineArrayAttribute")
                ? "of a whole inline array; its elements are seen one by one"
                : null;
    }

    private static void Whole(MethodEditor method, Instruction at, AccessEmitter emitter, StackAnalysis stacks)
    {
        var value = (TypeReference)at.Operand;
        bool copy = at.OpCode.Code == Code.Cpobj;
        string description = "(" + MemberNames.Readable(value) + ")";
        bool ownFrame = stacks.At(at, copy ? 1 : 0).Origin == StackOrigin.Frame && (!copy || stacks.At(at, 0).Origin == StackOrigin.Frame);
        string? reason = IsStaticConstructor(method.Method) ? "in a static constructor, which the runtime's lock orders"
            : Unfit(value) ?? (ownFrame ? "of this method's own frame" : null);
        if (reason is not null)
        {
            method.Report(at, SiteOutcome.Skipped, (copy ? "copy " : "clear ") + description, reason);
        }
        else if (copy)
        {
            Instruction[] load = emitter.Call(at, store: false, value, "load " + description);
            method.Replace(at, at, [.. load, .. emitter.Call(at, store: true, value, "store " + description)]);
        }
        else
        {
            VariableDefinition zero = method.Borrow(value);
            method.Replace(
                at,
                at,
                [
                    Instruction.Create(OpCodes.Ldloca, zero),
                    Instruction.Create(OpCodes.Initobj, value),
                    Instruction.Create(OpCodes.Ldloc, zero),
                    .. emitter.Call(at, store: true, value, "store " + description),
                ]);
            method.Return(zero);
        }
    }

    private static bool IsStaticConstructor(MethodDefinition method) => method is { IsConstructor: true, IsStatic: true };

    // The first constructor call on `this`; what runs before it are field initializers.
    private static Instruction? BaseConstructorCall(MethodEditor method, StackAnalysis stacks) =>
        method.Method is not { IsConstructor: true, IsStatic: false } || method.Method.DeclaringType.IsValueType
            ? null
            : method.Instructions.FirstOrDefault(i => i.OpCode.Code == Code.Call && i.Operand is MethodReference { Name: ".ctor" } callee
                && stacks.At(i, callee.Parameters.Count).Origin == StackOrigin.This);
}
