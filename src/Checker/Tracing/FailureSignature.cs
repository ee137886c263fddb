using System.Text.RegularExpressions;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>What makes two failures the same bug: the kind and the place in the source. Messages carry numbers that differ.</summary>
/// <param name="Kind">The verdict.</param>
/// <param name="Place">
/// The frame that threw, with its callers as long as they are only there to throw; for a deadlock, where the threads wait, sorted.
/// </param>
internal sealed partial record FailureSignature(FailureKind Kind, string Place)
{
    internal static FailureSignature Of(Execution execution, Failure failure, Throw? origin)
    {
        if (origin is not null)
        {
            var frames = new List<string>();
            foreach (TraceFrame frame in origin.Stack)
            {
                frames.Add(frame.ToString());
                if (!Thrower().IsMatch(frame.Method))
                {
                    break;
                }
            }

            return new FailureSignature(failure.Kind, origin.Exception.GetType().Name + " in " + string.Join(" < ", frames));
        }

        // Which of several equal threads hangs where is chance, so their order and number do not count.
        IEnumerable<string> waits = execution.Threads.Where(t => !t.Finished)
            .Select(t => execution.Pending(t.Id))
            .Select(p => SiteTable.Get(p.Site).StableName + " " + p.Kind)
            .Distinct()
            .Order(StringComparer.Ordinal);
        return new FailureSignature(failure.Kind, failure.Kind == FailureKind.Deadlock ? string.Join("; ", waits) : "");
    }

    // Program.Assert, Contract.Requires, ThrowHelper.ThrowIfNull, Check.That: the caller is the place.
    [GeneratedRegex(@"(Assert|Throw|Fail|Require|Ensure|Check|Verify)\w*$|\b(Assert|Throw\w*|Check)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Thrower();
}
