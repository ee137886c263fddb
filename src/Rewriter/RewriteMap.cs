using Mono.Cecil;
using Verify.Checker.Mutants;
using Verify.Checker.Shims;
using Verify.Rewriter.Il;
using Verify.Rewriter.Input;

namespace Verify.Rewriter;

/// <summary>What is redirected, and to what: the only list of it.</summary>
/// <remarks>
/// Members pair with shims by the convention in the remarks of <see cref="ShimForAttribute"/>. Two additions: an instance member of a struct has
/// <c>R M(ref T self, A a, int site)</c>; a generic type's shim class is generic itself, or takes the type's parameters first on each method.
/// A class without the attribute holds entry points, called by passes by name.
/// </remarks>
public sealed class RewriteMap
{
    /// <summary>Shim classes of the checker.</summary>
    public static IReadOnlyList<Type> Default { get; } =
    [
        typeof(AbortShim),
        typeof(AutoResetEventShim),
        typeof(BarrierShim),
        typeof(CancellationTokenRegistrationShim),
        typeof(CancellationTokenShim),
        typeof(CancellationTokenSourceShim),
        typeof(CountdownEventShim),
        typeof(DebugShim),
        typeof(DelayShim),
        typeof(DisposableShim),
        typeof(EnvironmentShim),
        typeof(EventWaitHandleShim),
        typeof(InterlockedShim),
        typeof(LazyInitializerShim),
        typeof(LazyShim),
        typeof(LockScopeShim),
        typeof(LockShim),
        typeof(ManualResetEventShim),
        typeof(ManualResetEventSlimShim),
        typeof(MarshalShim),
        typeof(MonitorShim),
        typeof(MutexShim),
        typeof(NativeMemoryShim),
        typeof(NonAtomicShim),
        typeof(PlainShim),
        typeof(ReaderWriterLockSlimShim),
        typeof(SemaphoreShim),
        typeof(SemaphoreSlimShim),
        typeof(SpinLockShim),
        typeof(SpinWaitShim),
        typeof(StaticStateShim),
        typeof(ThreadLocalShim),
        typeof(ThreadShim),
        typeof(TraceShim),
        typeof(UncontrolledShim),
        typeof(VolatileShim),
        typeof(WaitHandleShim),
    ];

    // What the prefix `volatile.` is redirected to; System.Threading.Volatile has no such members.
    private static readonly string[] s_prefixEntryPoints = ["Load", "Store"];

    private readonly Dictionary<string, ShimmedType> _types = [];         // by full metadata name of the framework type
    private readonly Dictionary<string, TypeDefinition> _shimClasses = []; // by simple name

    private RewriteMap()
    {
    }

    internal enum Match
    {
        /// <summary>The type has no shim class.</summary>
        NotShimmed,
        Shimmed,
        PassThrough,

        /// <summary>The type has a shim class, the member is neither in it nor passed through.</summary>
        NoShim,
    }

    /// <summary>Pairs every shim with its framework member.</summary>
    /// <exception cref="RewriteException">A shim stands in for nothing, or a shim class is malformed.</exception>
    internal static RewriteMap Create(IReadOnlyList<Type> shimTypes, FrameworkResolver resolver)
    {
        var map = new RewriteMap();
        foreach (Type type in shimTypes)
        {
            TypeDefinition shim = resolver.Definition(type);
            if (!map._shimClasses.TryAdd(shim.Name, shim))
            {
                throw new RewriteException($"Two shim classes are called {shim.Name}; passes find them by that name, so rename one.");
            }

            if (shim.CustomAttributes.FirstOrDefault(a => a.AttributeType.FullName == typeof(ShimForAttribute).FullName) is { } shimFor)
            {
                map.Add(shim, (TypeReference)shimFor.ConstructorArguments[0].Value);
            }
        }

        return map;
    }

    internal Match Find(TypeReference declaringType, MethodReference method, out ShimTarget? target)
    {
        target = null;
        MethodReference element = method.GetElementMethod();
        string key = MemberNames.Key(element);
        bool shimmed = false;
        for (TypeReference? type = declaringType.GetElementType(); type is not null; type = TypeFacts.TryResolve(type)?.BaseType?.GetElementType())
        {
            if (_types.TryGetValue(type.FullName, out ShimmedType? entry))
            {
                shimmed = true;
                if (entry.Shims.TryGetValue(Side(element) + key, out target))
                {
                    return Match.Shimmed;
                }

                if (entry.PassThrough.Contains(element.Name) || entry.PassThrough.Contains(MemberNames.WithoutAccessor(element.Name)))
                {
                    return Match.PassThrough;
                }
            }

            // Constructors are not inherited, and a type without any shim below a shimmed base would walk all framework types in vain.
            if (!shimmed || element.Name == ".ctor" || entry is { Members: { } members } && members.Contains(Side(element) + key))
            {
                break;
            }
        }

        return shimmed ? Match.NoShim : Match.NotShimmed;
    }

    /// <summary>A method that a pass calls by name.</summary>
    internal MethodDefinition EntryPoint(string shimClass, string method)
    {
        MethodDefinition? found = _shimClasses.GetValueOrDefault(shimClass)?.Methods
            .FirstOrDefault(m => m.Name == method && m.IsStatic && m.IsPublic);
        return found ?? throw new RewriteException(
            $"The shim set has no public static {shimClass}.{method}, which this assembly needs; add {shimClass} to the shim types.");
    }

    private static string Side(MethodReference method) => method.HasThis ? "instance " : "static ";

    private void Add(TypeDefinition shim, TypeReference framework)
    {
        TypeDefinition type = TypeFacts.TryResolve(framework)
            ?? throw new RewriteException($"{shim.Name} stands in for {framework.FullName}, which is not found; correct its ShimFor attribute.");
        var members = type.Methods.ToDictionary(m => Side(m) + MemberNames.Key(m) + ReturnOfConversion(m));
        var shims = new Dictionary<string, ShimTarget>();
        foreach (MethodDefinition method in shim.Methods.Where(m => m.IsPublic && m.IsStatic))
        {
            if (shim.Name == nameof(VolatileShim) && s_prefixEntryPoints.Contains(method.Name))
            {
                continue;
            }

            string key = Pair(shim, type, method, members);
            if (!shims.TryAdd(key, new ShimTarget(method, shim, shim.HasGenericParameters)))
            {
                throw new RewriteException($"Two shims stand in for {type.FullName}: {key}; remove one from {shim.Name}.");
            }
        }

        HashSet<string> passThrough = [.. shim.CustomAttributes
            .Where(a => a.AttributeType.FullName == typeof(PassThroughAttribute).FullName)
            .SelectMany(a => (CustomAttributeArgument[])a.ConstructorArguments[0].Value)
            .Select(a => (string)a.Value)];
        foreach (string name in passThrough)
        {
            if (!type.Methods.Any(m => m.Name == name || MemberNames.WithoutAccessor(m.Name) == name))
            {
                throw new RewriteException($"{shim.Name} passes through {name}, which {type.FullName} does not have; correct its PassThrough list.");
            }
        }

        if (!_types.TryAdd(type.FullName, new ShimmedType(shims, passThrough, [.. members.Keys])))
        {
            throw new RewriteException($"Two shim classes stand in for {type.FullName}; put the shims of one type into one class.");
        }
    }

    private static string Pair(TypeDefinition shim, TypeDefinition type, MethodDefinition method, Dictionary<string, MethodDefinition> members)
    {
        string name = $"{shim.Name}.{method.Name}({string.Join(", ", method.Parameters.Select(p => MemberNames.Readable(p.ParameterType)))})";
        if (method.Parameters.Count == 0 || method.Parameters[^1].ParameterType.MetadataType != MetadataType.Int32)
        {
            throw new RewriteException($"{name} does not end with an int parameter for the site; add `int site`.");
        }

        // A shim class that is not generic takes the framework type's parameters as its methods' first ones.
        int shift = shim.HasGenericParameters ? 0 : type.GenericParameters.Count;
        int arity = method.GenericParameters.Count - shift;
        string[] parameters = [.. method.Parameters.Take(method.Parameters.Count - 1).Select(p => MemberNames.Key(p.ParameterType, shift))];
        string self = MemberNames.Key(type) + (type.HasGenericParameters
            ? "<" + string.Join(",", Enumerable.Range(0, type.GenericParameters.Count).Select(i => "!" + i)) + ">"
            : "") + (type.IsValueType ? "&" : "");
        string[] candidates =
        [
            "static " + MemberNames.Key(method.Name, arity, parameters),
            parameters.Length > 0 && parameters[0] == self ? "instance " + MemberNames.Key(method.Name, arity, parameters.Skip(1)) : "",
            method.Name == "Create" ? "instance " + MemberNames.Key(".ctor", arity, parameters) : "",
        ];
        foreach (string candidate in candidates)
        {
            if (members.TryGetValue(candidate, out MethodDefinition? member))
            {
                string returned = MemberNames.Key(method.ReturnType, shift);
                string expected = member.IsConstructor ? self.TrimEnd('&') : MemberNames.Key(member.ReturnType);
                return returned == expected
                    ? candidate
                    : throw new RewriteException($"{name} returns {returned}, but the member of {type.FullName} gives {expected}; correct the shim.");
            }
        }

        throw new RewriteException(
            $"{name} stands in for no member of {type.FullName}; match its name and parameters, see the remarks of ShimForAttribute.");
    }

    // Conversions are the only members told apart by what they return.
    private static string ReturnOfConversion(MethodDefinition method) =>
        method.Name is "op_Implicit" or "op_Explicit" ? ":" + MemberNames.Key(method.ReturnType) : "";

    private sealed record ShimmedType(Dictionary<string, ShimTarget> Shims, HashSet<string> PassThrough, HashSet<string> Members);
}
