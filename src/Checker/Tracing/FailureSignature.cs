using System.Text.RegularExpressions;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>What makes two failures the same bug: the kind, what was said, and the place in the source.</summary>
/// <remarks>
/// Not the stack: which frames it has depends on what the JIT has inlined by then. Nor the message as it is: it carries numbers that differ.
/// </remarks>
/// <param name="Kind">The verdict.</param>
/// <param name="Message">Type and message of what was thrown, without its numbers; empty when nothing was.</param>
/// <param name="Place">The failing thread's last event; for a deadlock, where the threads wait, sorted.</param>
internal sealed partial record FailureSignature(FailureKind Kind, string Message, string Place)
{
    internal static FailureSignature Of(Execution execution, Failure failure, Throw? origin)
    {
        if (origin is not null)
        {
            string said = origin.Exception.GetType().Name + ": " + Number().Replace(origin.Exception.Message, "#");
            return new FailureSignature(failure.Kind, said, origin.Site.StableName);
        }

        // Which of several equal threads hangs where is chance, so their order and number do not count.
        IEnumerable<string> waits = execution.Threads.Where(t => !t.Finished)
            .Select(t => execution.Pending(t.Id))
            .Select(p => SiteTable.Get(p.Site).StableName + " " + p.Kind)
            .Distinct()
            .Order(StringComparer.Ordinal);
        return new FailureSignature(failure.Kind, "", failure.Kind == FailureKind.Deadlock ? string.Join("; ", waits) : "");
    }

    [GeneratedRegex("(0x[0-9a-fA-F]+)|[0-9]+")]
    private static partial Regex Number();
}
