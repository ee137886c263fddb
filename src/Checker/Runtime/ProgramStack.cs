using System.Diagnostics;

namespace Verify.Checker.Runtime;

/// <summary>The stack of a controlled thread as its program sees it: without the checker's frames and what is below the thread's body.</summary>
internal static class ProgramStack
{
    internal static IReadOnlyList<string> Capture()
    {
        var frames = new List<string>();
        foreach (StackFrame frame in new StackTrace(1, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { } method || method.DeclaringType?.Assembly == typeof(ProgramStack).Assembly)
            {
                continue;
            }

            string place = frame.GetFileName() is { } file ? $" in {Path.GetFileName(file)}:{frame.GetFileLineNumber()}" : "";
            frames.Add($"{method.DeclaringType?.FullName}.{method.Name}{place}");
        }

        return frames;
    }
}
