using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Verify.Rewriter.Il;

/// <summary>Where an address on the stack points.</summary>
internal enum StackOrigin
{
    Unknown,

    /// <summary>Into a local, an argument or a temporary of this method's own frame.</summary>
    Frame,

    /// <summary>The <c>this</c> of the method.</summary>
    This,
}

/// <summary>One value on the evaluation stack; a null type means "not known", never "none".</summary>
/// <param name="Type">Its type.</param>
/// <param name="Origin">Where it points, if it is an address.</param>
/// <param name="Name">What the program calls it or what it points to, such as <c>Machine._tbLock</c>; null when paths differ.</param>
internal readonly record struct StackValue(TypeReference? Type, StackOrigin Origin = StackOrigin.Unknown, string? Name = null);

/// <summary>Types on the evaluation stack before each instruction of a method.</summary>
/// <remarks>
/// Only what the passes ask for is exact: value type or address, element type of an address or array, address of a frame slot. Where two paths
/// meet with different types the type becomes unknown, so every answer holds on all paths. Iterated to a fixed point: values only lose precision.
/// </remarks>
internal sealed class StackAnalysis
{
    private readonly MethodDefinition _method;
    private readonly Dictionary<Instruction, StackValue[]> _before = [];
    private readonly Queue<Instruction> _work = [];
    private readonly LocalNames _locals;

    internal StackAnalysis(MethodDefinition method)
    {
        _method = method;
        _locals = new LocalNames(method);
        if (method.Body.Instructions.Count > 0)
        {
            Flow(method.Body.Instructions[0], []);
        }

        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
        {
            if (handler.FilterStart is not null)
            {
                Flow(handler.FilterStart, [default]);
            }

            Flow(handler.HandlerStart, handler.HandlerType switch
            {
                ExceptionHandlerType.Catch => [new StackValue(handler.CatchType)],
                ExceptionHandlerType.Filter => [default],
                _ => [],
            });
        }

        while (_work.TryDequeue(out Instruction? instruction))
        {
            Step(instruction, new List<StackValue>(_before[instruction]));
        }
    }

    /// <summary>The value that many places below the top, before the instruction; unknown in code that is never reached.</summary>
    internal StackValue At(Instruction instruction, int depth) =>
        _before.TryGetValue(instruction, out StackValue[]? stack) && depth < stack.Length ? stack[^(depth + 1)] : default;

    internal bool IsReached(Instruction instruction) => _before.ContainsKey(instruction);

    private void Flow(Instruction? to, StackValue[] stack)
    {
        if (to is null)
        {
            return;
        }

        if (!_before.TryGetValue(to, out StackValue[]? known))
        {
            _before.Add(to, stack);
            _work.Enqueue(to);
            return;
        }

        bool changed = false;
        var merged = (StackValue[])known.Clone();
        for (int i = 0; i < Math.Min(merged.Length, stack.Length); i++)
        {
            StackValue value = Merge(known[i], stack[i]);
            changed |= value != known[i];
            merged[i] = value;
        }

        if (changed)
        {
            _before[to] = merged;
            _work.Enqueue(to);
        }
    }

    private static StackValue Merge(StackValue a, StackValue b) => new(
        a.Type is not null && b.Type is not null && a.Type.FullName == b.Type.FullName ? a.Type : null,
        a.Origin == b.Origin ? a.Origin : StackOrigin.Unknown,
        a.Name == b.Name ? a.Name : null);

    private void Step(Instruction at, List<StackValue> stack)
    {
        Apply(at, stack);
        StackValue[] after = [.. stack];
        switch (at.OpCode.FlowControl)
        {
            case FlowControl.Branch:
                bool leaves = at.OpCode.Code is Code.Leave or Code.Leave_S;
                Flow(at.Operand as Instruction, leaves ? [] : after);
                break;
            case FlowControl.Cond_Branch when at.Operand is Instruction[] targets:
                foreach (Instruction target in targets)
                {
                    Flow(target, after);
                }

                Flow(at.Next, after);
                break;
            case FlowControl.Cond_Branch:
                Flow((Instruction)at.Operand, after);
                Flow(at.Next, after);
                break;
            case FlowControl.Return or FlowControl.Throw:
                break;
            default:
                Flow(at.Next, after);
                break;
        }
    }

    private void Apply(Instruction at, List<StackValue> stack)
    {
        StackValue Peek(int depth) => depth < stack.Count ? stack[^(depth + 1)] : default;
        StackValue top = Peek(0);
        StackValue below = Peek(1);
        if (at.OpCode.Code == Code.Dup)
        {
            stack.Add(top);
            return;
        }

        if (LocalNames.Stored(at, _method) is { } local)
        {
            _locals.Set(local, top.Name);
        }

        int pops = StackEffect.Pops(at, _method, stack.Count);
        stack.RemoveRange(Math.Max(0, stack.Count - pops), Math.Min(pops, stack.Count));
        if (StackEffect.Pushes(at))
        {
            stack.Add(Result(at, top, below));
        }
    }

    private StackValue Result(Instruction at, StackValue top, StackValue below)
    {
        switch (at.OpCode.Code)
        {
            case Code.Ldarg or Code.Ldarg_0 or Code.Ldarg_1 or Code.Ldarg_2 or Code.Ldarg_3 or Code.Ldarg_S:
                ParameterDefinition argument = Parameter(at);
                return argument == _method.Body.ThisParameter
                    ? new StackValue(argument.ParameterType, StackOrigin.This)
                    : new StackValue(TypeFacts.Bare(argument.ParameterType), Name: argument.Name);
            case Code.Ldarga or Code.Ldarga_S:
                return new StackValue(new ByReferenceType(((ParameterDefinition)at.Operand).ParameterType), StackOrigin.Frame);
            case Code.Ldloc or Code.Ldloc_0 or Code.Ldloc_1 or Code.Ldloc_2 or Code.Ldloc_3 or Code.Ldloc_S:
                return new StackValue(TypeFacts.Bare(Local(at).VariableType), Name: _locals[Local(at)]);
            case Code.Ldloca or Code.Ldloca_S:
                return new StackValue(
                    new ByReferenceType(((VariableDefinition)at.Operand).VariableType), StackOrigin.Frame, _locals[(VariableDefinition)at.Operand]);
            case Code.Localloc:
                return new StackValue(null, StackOrigin.Frame);
            case Code.Ldfld or Code.Ldsfld:
                var loaded = (FieldReference)at.Operand;
                return new StackValue(TypeFacts.Bare(Generics.FieldType(loaded)), Name: MemberNames.Location(loaded));
            case Code.Ldflda:
                var field = (FieldReference)at.Operand;
                return new StackValue(
                    new ByReferenceType(TypeFacts.Bare(Generics.FieldType(field))),
                    top.Origin == StackOrigin.Frame ? StackOrigin.Frame : StackOrigin.Unknown,
                    MemberNames.Location(field));
            case Code.Ldsflda:
                var fixedField = (FieldReference)at.Operand;
                return new StackValue(new ByReferenceType(TypeFacts.Bare(Generics.FieldType(fixedField))), Name: MemberNames.Location(fixedField));
            case Code.Call or Code.Callvirt:
                var called = (MethodReference)at.Operand;
                return new StackValue(TypeFacts.Bare(Generics.ReturnType(called)), Name: MemberNames.Short(called.DeclaringType, called.Name));
            case Code.Newobj:
                return new StackValue(((MethodReference)at.Operand).DeclaringType);
            case Code.Newarr:
                return new StackValue(new ArrayType((TypeReference)at.Operand));
            case Code.Castclass or Code.Isinst:
                // isinst of a value type leaves a boxed object, not a value.
                return new StackValue(TypeFacts.IsValueType((TypeReference)at.Operand) ? null : (TypeReference)at.Operand, Name: top.Name);
            case Code.Unbox_Any or Code.Ldobj or Code.Ldelem_Any:
                return new StackValue((TypeReference)at.Operand);
            case Code.Unbox:
                return new StackValue(new ByReferenceType((TypeReference)at.Operand));
            case Code.Ldelema:
                return new StackValue(new ByReferenceType((TypeReference)at.Operand), Name: Element(below));
            case Code.Ldelem_Ref:
                return new StackValue(below.Type is ArrayType array ? array.ElementType : null, Name: Element(below));
            case Code.Ldind_Ref:
                return new StackValue(top.Type is ByReferenceType reference ? reference.ElementType : null);
            case Code.Ldstr:
                return new StackValue(_method.Module.TypeSystem.String);
            case Code.Add or Code.Sub or Code.Add_Ovf_Un or Code.Sub_Ovf_Un:
                return below.Type is ByReferenceType || below.Origin == StackOrigin.Frame ? below with { Name = Element(below) }
                    : top.Type is ByReferenceType || top.Origin == StackOrigin.Frame ? top with { Name = Element(top) }
                    : below.Type is PointerType ? new StackValue(null, Name: Element(below))
                    : default;
            case Code.Conv_U or Code.Conv_I:
                return new StackValue(null, top.Origin == StackOrigin.Frame ? StackOrigin.Frame : StackOrigin.Unknown, top.Name);
            default:
                return default;
        }
    }

    private static string? Element(StackValue array) =>
        array.Name is { } name && !name.EndsWith("[]", StringComparison.Ordinal) ? name + "[]" : array.Name;

    private ParameterDefinition Parameter(Instruction at) => at.Operand as ParameterDefinition ?? at.OpCode.Code switch
    {
        Code.Ldarg_0 => Argument(0),
        Code.Ldarg_1 => Argument(1),
        Code.Ldarg_2 => Argument(2),
        _ => Argument(3),
    };

    private ParameterDefinition Argument(int index) =>
        !_method.HasThis ? _method.Parameters[index]
        : index == 0 ? _method.Body.ThisParameter
        : _method.Parameters[index - 1];

    private VariableDefinition Local(Instruction at) => at.Operand as VariableDefinition ?? _method.Body.Variables[at.OpCode.Code - Code.Ldloc_0];
}
