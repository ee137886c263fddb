using System.Text.RegularExpressions;
using Mono.Cecil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Sites;

/// <summary>Names of methods for sites: unique in their module, and not changed by edits elsewhere in the program.</summary>
/// <remarks>
/// The C# compiler numbers lambdas, local functions and state machines by the position of their method within the type, so that adding a method
/// renames those after it. Here they are named after the method they stand in: <c>N.T.M.lambda0(int)</c>, <c>N.T.M.Local()</c>,
/// <c>N.T.M.MoveNext()</c>. Where two methods end up with one name, the later ones get <c>@2</c>, <c>@3</c> in metadata order.
/// </remarks>
internal sealed partial class MethodNames
{
    private readonly Dictionary<MethodDefinition, string> _names = [];

    internal MethodNames(ModuleDefinition module)
    {
        var taken = new Dictionary<string, int>();
        foreach (MethodDefinition method in module.GetTypes().SelectMany(t => t.Methods))
        {
            string name = Spell(method);
            int rank = taken[name] = taken.GetValueOrDefault(name) + 1;
            _names.Add(method, rank == 1 ? name : name + "@" + rank);
        }
    }

    internal string this[MethodDefinition method] => _names[method];

    private static string Spell(MethodDefinition method)
    {
        string name = method.Name;
        if (Lambda().Match(name) is { Success: true } lambda)
        {
            name = lambda.Groups["method"].Value + ".lambda" + lambda.Groups["ordinal"].Value;
        }
        else if (LocalFunction().Match(name) is { Success: true } local)
        {
            name = local.Groups["method"].Value + "." + local.Groups["name"].Value;
        }

        string generics = method.HasGenericParameters ? "<" + string.Join(",", method.GenericParameters.Select(p => p.Name)) + ">" : "";
        string parameters = string.Join(",", method.Parameters.Select(p => MemberNames.Readable(p.ParameterType)));
        string conversion = method.Name is "op_Implicit" or "op_Explicit" ? ":" + MemberNames.Readable(method.ReturnType) : "";
        return TypeName(method.DeclaringType) + "." + name + generics + "(" + parameters + ")" + conversion;
    }

    private static string TypeName(TypeDefinition type)
    {
        if (type.DeclaringType is null)
        {
            return (type.Namespace.Length > 0 ? type.Namespace + "." : "") + MemberNames.WithoutArity(type.Name) + Parameters(type, 0);
        }

        string outer = TypeName(type.DeclaringType);
        if (type.Name.StartsWith("<>c", StringComparison.Ordinal))
        {
            return outer; // a closure: its methods carry the name of the method they stand in
        }

        Match machine = StateMachine().Match(type.Name);
        if (machine.Success)
        {
            string method = machine.Groups["method"].Value;
            return outer + "." + (LocalFunction().Match(method) is { Success: true } local
                ? local.Groups["method"].Value + "." + local.Groups["name"].Value
                : method);
        }

        // Nested types repeat the parameters of the outer one.
        return outer + "." + MemberNames.WithoutArity(type.Name) + Parameters(type, type.DeclaringType.GenericParameters.Count);
    }

    private static string Parameters(TypeDefinition type, int inherited) =>
        type.GenericParameters.Count > inherited ? "<" + string.Join(",", type.GenericParameters.Skip(inherited).Select(p => p.Name)) + ">" : "";

    [GeneratedRegex(@"^<(?<method>.*)>b__(\d+_)?(?<ordinal>\d+)$")]
    private static partial Regex Lambda();

    [GeneratedRegex(@"^<(?<method>.*)>g__(?<name>[^|]+)\|[\d_]+$")]
    private static partial Regex LocalFunction();

    [GeneratedRegex(@"^<(?<method>.*)>d(__\d+)?(`\d+)?$")]
    private static partial Regex StateMachine();
}
