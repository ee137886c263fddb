using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;

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
/// <param name="Traits">
/// Of an address: what kind it is, and whether its index or offset comes from no read. Of another value: <see cref="SiteTraits.ConstantValue"/> if it
/// comes from no read.
/// </param>
internal readonly record struct StackValue(
    TypeReference? Type, StackOrigin Origin = StackOrigin.Unknown, string? Name = null, SiteTraits Traits = SiteTraits.None)
{
    internal bool IsConstant => (Traits & SiteTraits.ConstantValue) != 0;
}

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
    private readonly HashSet<VariableDefinition> _fromReads = []; // locals that hold, somewhere, what came from a read
    private readonly LocalNames _locals;

    internal StackAnalysis(MethodDefinition method)
    {
        _method = method;
        _locals = new LocalNames(method);
        int known;
        do
        {
            // Every local is taken for constant until a store shows otherwise; then all is done again.
            known = _fromReads.Count;
            _before.Clear();
            Run();
        }
        while (_fromReads.Count != known);
    }

    private void Run()
    {
        MethodDefinition method = _method;
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

    /// <summary>How many values are on the stack before the instruction; -1 in code that is never reached.</summary>
    internal int Depth(Instruction instruction) => _before.TryGetValue(instruction, out StackValue[]? stack) ? stack.Length : -1;

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
        a.Name == b.Name ? a.Name : null,
        a.Traits & b.Traits);

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
        if (at.OpCode.Code is Code.Stloc or Code.Stloc_0 or Code.Stloc_1 or Code.Stloc_2 or Code.Stloc_3 or Code.Stloc_S && !top.IsConstant)
        {
            _fromReads.Add(at.Operand as VariableDefinition ?? _method.Body.Variables[at.OpCode.Code - Code.Stloc_0]);
        }
        else if (at.OpCode.Code is Code.Ldloca or Code.Ldloca_S)
        {
            _fromReads.Add((VariableDefinition)at.Operand); // written through its address
        }
        else if (at.OpCode.Code == Code.Dup)
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
                VariableDefinition local = Local(at);
                return new StackValue(
                    TypeFacts.Bare(local.VariableType),
                    Name: _locals[local],
                    Traits: _fromReads.Contains(local) ? Loaded(local.VariableType) : SiteTraits.ConstantValue);
            case Code.Ldloca or Code.Ldloca_S:
                return new StackValue(
                    new ByReferenceType(((VariableDefinition)at.Operand).VariableType), StackOrigin.Frame, _locals[(VariableDefinition)at.Operand]);
            case Code.Localloc:
                return new StackValue(null, StackOrigin.Frame);
            case Code.Ldfld or Code.Ldsfld:
                var loaded = (FieldReference)at.Operand;
                TypeReference type = TypeFacts.Bare(Generics.FieldType(loaded));
                return new StackValue(type, Name: MemberNames.Location(loaded), Traits: Loaded(type));
            case Code.Ldflda:
                var field = (FieldReference)at.Operand;
                return new StackValue(
                    new ByReferenceType(TypeFacts.Bare(Generics.FieldType(field))),
                    top.Origin == StackOrigin.Frame ? StackOrigin.Frame : StackOrigin.Unknown,
                    MemberNames.Location(field),
                    IsAddress(top) ? top.Traits & ~SiteTraits.ConstantValue : SiteTraits.Field);
            case Code.Ldsflda:
                var fixedField = (FieldReference)at.Operand;
                return new StackValue(
                    new ByReferenceType(TypeFacts.Bare(Generics.FieldType(fixedField))),
                    Name: MemberNames.Location(fixedField),
                    Traits: SiteTraits.Static);
            case Code.Call or Code.Callvirt:
                var called = (MethodReference)at.Operand;
                return new StackValue(TypeFacts.Bare(Generics.ReturnType(called)), Name: MemberNames.Short(called.DeclaringType, called.Name));
            case Code.Newobj:
                return new StackValue(((MethodReference)at.Operand).DeclaringType, Traits: SiteTraits.ConstantValue);
            case Code.Newarr:
                return new StackValue(new ArrayType((TypeReference)at.Operand), Traits: SiteTraits.ConstantValue);
            case Code.Castclass or Code.Isinst:
                // isinst of a value type leaves a boxed object, not a value.
                return new StackValue(TypeFacts.IsValueType((TypeReference)at.Operand) ? null : (TypeReference)at.Operand, Name: top.Name);
            case Code.Unbox_Any or Code.Ldobj or Code.Ldelem_Any:
                return new StackValue((TypeReference)at.Operand);
            case Code.Unbox:
                return new StackValue(new ByReferenceType((TypeReference)at.Operand), Traits: SiteTraits.Field);
            case Code.Ldelema:
                return new StackValue(new ByReferenceType((TypeReference)at.Operand), Name: Element(below), Traits: ElementTraits(top));
            case Code.Ldelem_Ref:
                return new StackValue(below.Type is ArrayType array ? array.ElementType : null, Name: Element(below));
            case Code.Ldind_Ref:
                return new StackValue(top.Type is ByReferenceType reference ? reference.ElementType : null);
            case Code.Ldstr:
                return new StackValue(_method.Module.TypeSystem.String, Traits: SiteTraits.ConstantValue);
            case Code.Ldnull or Code.Sizeof or Code.Ldftn or Code.Ldtoken or (>= Code.Ldc_I4_M1 and <= Code.Ldc_R8):
                return new StackValue(null, Traits: SiteTraits.ConstantValue);
            case Code.Add or Code.Sub or Code.Add_Ovf_Un or Code.Sub_Ovf_Un:
                return below.Type is ByReferenceType || below.Origin == StackOrigin.Frame ? Moved(below, top)
                    : top.Type is ByReferenceType || top.Origin == StackOrigin.Frame ? Moved(top, below)
                    : (below.Traits & SiteTraits.Pointer) != 0 ? Moved(below, top) with { Type = null }
                    : (top.Traits & SiteTraits.Pointer) != 0 ? Moved(top, below) with { Type = null }
                    : below.Type is PointerType ? new StackValue(null, Name: Element(below))
                    : Computed(top, below);
            case Code.Conv_U or Code.Conv_I:
                return new StackValue(null, top.Origin == StackOrigin.Frame ? StackOrigin.Frame : StackOrigin.Unknown, top.Name, top.Traits);
            default:
                return at.OpCode.StackBehaviourPop is StackBehaviour.Pop1_pop1 ? Computed(top, below)
                    : at.OpCode.Code is Code.Neg or Code.Not || at.OpCode.Code.ToString().StartsWith("Conv_", StringComparison.Ordinal)
                        ? new StackValue(null, Traits: top.Traits & SiteTraits.ConstantValue)
                        : default;
        }
    }

    internal static SiteTraits ElementTraits(StackValue index) => SiteTraits.Element | (index.IsConstant ? SiteTraits.FixedOffset : SiteTraits.None);

    // A pointer that was loaded depends on that load alone; an argument on whatever its caller did.
    private static SiteTraits Loaded(TypeReference type) =>
        type is PointerType || type.MetadataType is MetadataType.IntPtr or MetadataType.UIntPtr
            ? SiteTraits.Pointer | SiteTraits.FixedOffset
            : SiteTraits.None;

    private static bool IsAddress(StackValue value) =>
        value.Type is ByReferenceType or PointerType || value.Origin == StackOrigin.Frame
        || (value.Type is { } type ? TypeFacts.IsValueType(type) : value.Traits != SiteTraits.None);

    private static StackValue Moved(StackValue address, StackValue offset) =>
        address with
        {
            Name = Element(address),
            Traits = offset.IsConstant ? address.Traits : address.Traits & ~SiteTraits.FixedOffset,
        };

    private static StackValue Computed(StackValue a, StackValue b) => new(null, Traits: a.Traits & b.Traits & SiteTraits.ConstantValue);

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
