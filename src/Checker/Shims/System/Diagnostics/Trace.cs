// The calls to the real members below must stay in every build.
#define TRACE

using System.Diagnostics;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Trace"/>: under control a failed assertion is a finding and not the end of the process.</summary>
[ShimFor(typeof(Trace))]
[PassThrough(
    "Close", "Flush", "Indent", "Unindent", "Refresh", "Write", "WriteIf", "WriteLine", "WriteLineIf", "TraceError", "TraceInformation", "TraceWarning",
    "AutoFlush", "IndentLevel", "IndentSize", "UseGlobalLock", "Listeners", "CorrelationManager", "Refreshing")]
public static class TraceShim
{
    public static void Assert(bool condition, int site) => Assert(condition, null, null, site);

    public static void Assert(bool condition, string? message, int site) => Assert(condition, message, null, site);

    public static void Assert(bool condition, string? message, string? detailMessage, int site)
    {
        if (!condition)
        {
            DebugShim.ThrowUnderControl(message, detailMessage);
            Trace.Assert(condition, message, detailMessage);
        }
    }

    public static void Fail(string? message, int site) => Fail(message, null, site);

    public static void Fail(string? message, string? detailMessage, int site)
    {
        DebugShim.ThrowUnderControl(message, detailMessage);
        Trace.Fail(message, detailMessage);
    }
}
