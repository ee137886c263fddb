// The calls to the real members below must stay in every build.
#define DEBUG

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Thrown under control where <see cref="Debug"/> or <see cref="Trace"/> would end the process: an assertion does not hold.</summary>
public sealed class FailedAssertException(string message) : Exception(message)
{
    /// <summary>What is said of an assertion without a message.</summary>
    internal const string NoMessage = "an assertion does not hold";
}

/// <summary>Stands in for <see cref="Debug"/>: under control a failed assertion is a finding and not the end of the process.</summary>
[ShimFor(typeof(Debug))]
[PassThrough(
    "Close", "Flush", "Indent", "Unindent", "Print", "Write", "WriteIf", "WriteLine", "WriteLineIf", "AutoFlush", "IndentLevel", "IndentSize", "SetProvider")]
public static class DebugShim
{
    public static void Assert(bool condition, int site) => Assert(condition, null, null, site);

    public static void Assert(bool condition, string? message, int site) => Assert(condition, message, null, site);

    public static void Assert(bool condition, ref Debug.AssertInterpolatedStringHandler message, int site) => Assert(condition, TextOf(ref message), null, site);

    public static void Assert(
        bool condition, ref Debug.AssertInterpolatedStringHandler message, ref Debug.AssertInterpolatedStringHandler detailMessage, int site) =>
        Assert(condition, TextOf(ref message), TextOf(ref detailMessage), site);

    public static void Assert(bool condition, string? message, string detailMessageFormat, object?[] args, int site) =>
        Assert(condition, message, string.Format(null, detailMessageFormat, args), site);

    public static void Assert(bool condition, string? message, string? detailMessage, int site)
    {
        if (condition)
        {
            return;
        }

        ThrowUnderControl(message, detailMessage);
        Debug.Assert(condition, message, detailMessage);
    }

    public static void Fail(string? message, int site) => Fail(message, null, site);

    public static void Fail(string? message, string? detailMessage, int site)
    {
        ThrowUnderControl(message, detailMessage);
        Debug.Fail(message, detailMessage);
    }

    internal static void ThrowUnderControl(string? message, string? detailMessage)
    {
        if (ControlledThread.Current is not null)
        {
            throw new FailedAssertException(string.Join(" ", ((string?[])[message, detailMessage]).Where(t => !string.IsNullOrEmpty(t))) is { Length: > 0 } text
                ? text
                : FailedAssertException.NoMessage);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ToStringAndClear")]
    private static extern string TextOf(ref Debug.AssertInterpolatedStringHandler message);
}
