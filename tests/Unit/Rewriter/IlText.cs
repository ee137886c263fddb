using System.Globalization;
using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>Method bodies as text, for snapshots.</summary>
internal static class IlText
{
    internal static string Of(byte[] pe, string type)
    {
        using var module = ModuleDefinition.ReadModule(new MemoryStream(pe));
        var text = new StringBuilder();
        IEnumerable<TypeDefinition> types = module.GetTypes().Where(t => t.FullName == type || t.Namespace == "<Verify>");
        foreach (MethodDefinition method in types.SelectMany(t => t.Methods).Where(m => m.HasBody && (m.Name != ".ctor" || m.HasParameters)))
        {
            Print(method, text);
        }

        return text.ToString();
    }

    private static void Print(MethodDefinition method, StringBuilder text)
    {
        text.Append(method.DeclaringType.FullName).Append("::").Append(method.Name).Append('\n');
        foreach (Instruction instruction in method.Body.Instructions)
        {
            foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
            {
                string? edge = instruction == handler.TryStart ? "try"
                    : instruction == handler.FilterStart ? "filter"
                    : instruction == handler.HandlerStart ? handler.HandlerType.ToString().ToLowerInvariant() + " " + handler.CatchType?.Name
                    : null;
                if (edge is not null)
                {
                    text.Append("  .").Append(edge.TrimEnd()).Append('\n');
                }
            }

            text.Append(CultureInfo.InvariantCulture, $"    IL_{instruction.Offset:x4}: {instruction.OpCode.Name}{Operand(instruction.Operand)}\n");
        }

        text.Append('\n');
    }

    private static string Operand(object? operand) => operand switch
    {
        null => "",
        Instruction target => $" IL_{target.Offset:x4}",
        Instruction[] targets => " (" + string.Join(", ", targets.Select(t => $"IL_{t.Offset:x4}")) + ")",
        MethodReference method => " " + method.FullName.Replace("Verify.Tests.Unit.Rewriter.Shims.", "", StringComparison.Ordinal),
        MemberReference member => " " + member.FullName,
        string s => " \"" + s + "\"",
        VariableDefinition local => " V_" + local.Index,
        ParameterDefinition argument => " " + (argument.Name.Length > 0 ? argument.Name : "this"),
        _ => " " + Convert.ToString(operand, CultureInfo.InvariantCulture),
    };
}
