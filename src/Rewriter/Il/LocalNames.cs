using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Verify.Rewriter.Il;

/// <summary>What the locals of a method hold, in the program's words: only those that are assigned at one place can have a name.</summary>
internal sealed class LocalNames
{
    private readonly Dictionary<VariableDefinition, string?> _names = []; // the locals with one assignment

    internal LocalNames(MethodDefinition method)
    {
        IEnumerable<VariableDefinition> stored = method.Body.Instructions.Select(i => Stored(i, method)).OfType<VariableDefinition>();
        foreach (IGrouping<VariableDefinition, VariableDefinition> local in stored.GroupBy(v => v))
        {
            if (local.Count() == 1)
            {
                _names.Add(local.Key, null);
            }
        }
    }

    internal string? this[VariableDefinition local] => _names.GetValueOrDefault(local);

    internal void Set(VariableDefinition local, string? name)
    {
        if (_names.ContainsKey(local))
        {
            _names[local] = name;
        }
    }

    /// <summary>The local an instruction assigns.</summary>
    internal static VariableDefinition? Stored(Instruction at, MethodDefinition method) => at.OpCode.Code switch
    {
        Code.Stloc or Code.Stloc_S => (VariableDefinition)at.Operand,
        >= Code.Stloc_0 and <= Code.Stloc_3 => method.Body.Variables[at.OpCode.Code - Code.Stloc_0],
        _ => null,
    };
}
