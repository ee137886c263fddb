using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Takes stacks of the program under test: without the checker's own frames, from the innermost frame to the thread's body.</summary>
internal static partial class StackCapture
{
    // Looking a line up in the symbols costs far more than walking the stack, and the same few places come again and again.
    private static readonly ConcurrentDictionary<(MethodBase Method, int Offset), TraceFrame> s_frames = new();

    /// <summary>The stack of the calling thread.</summary>
    internal static TraceFrame[] Take()
    {
        var frames = new List<TraceFrame>();
        StackFrame[] walked = new StackTrace(1, fNeedFileInfo: false).GetFrames();
        StackFrame[]? withLines = null;
        for (int i = 0; i < walked.Length; i++)
        {
            if (walked[i].GetMethod() is not { } method)
            {
                continue;
            }

            if (method.DeclaringType == typeof(Execution) && method.Name == "RunBody")
            {
                break; // below it is the checker
            }

            if (method.DeclaringType?.Assembly is { } assembly
                && (assembly == typeof(StackCapture).Assembly || (frames.Count == 0 && IsFramework(assembly))))
            {
                continue;
            }

            var key = (method, walked[i].GetILOffset());
            if (!s_frames.TryGetValue(key, out TraceFrame? frame))
            {
                withLines ??= new StackTrace(1, fNeedFileInfo: true).GetFrames();
                StackFrame known = withLines.Length == walked.Length ? withLines[i] : walked[i];
                frame = new TraceFrame(Name(method), known.GetFileName() ?? "", known.GetFileLineNumber());
                s_frames.TryAdd(key, frame);
            }

            frames.Add(frame);
        }

        return [.. frames];
    }

    private static bool IsFramework(Assembly assembly) =>
        assembly == typeof(object).Assembly || (assembly.GetName().Name ?? "").StartsWith("System.", StringComparison.Ordinal);

    private static string Name(MethodBase method)
    {
        string name = method.Name;
        Type? type = method.DeclaringType;
        if (Lambda().Match(name) is { Success: true } lambda)
        {
            name = lambda.Groups["method"].Value + " (lambda)";
        }
        else if (LocalFunction().Match(name) is { Success: true } local)
        {
            name = local.Groups["method"].Value + "." + local.Groups["name"].Value;
        }

        while (type is { DeclaringType: not null } && type.Name.StartsWith('<'))
        {
            type = type.DeclaringType; // a closure
        }

        string typeName = type is null ? "" : Arity().Replace(type.Name, "");
        return typeName.Length == 0 ? name : name is ".ctor" or ".cctor" ? "new " + typeName : typeName + "." + name;
    }

    [GeneratedRegex("^<(?<method>.*)>b__")]
    private static partial Regex Lambda();

    [GeneratedRegex("^<(?<method>.*)>g__(?<name>[^|]+)[|]")]
    private static partial Regex LocalFunction();

    [GeneratedRegex("`[0-9]+.*$")]
    private static partial Regex Arity();
}
