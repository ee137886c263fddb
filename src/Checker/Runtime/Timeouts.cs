namespace Verify.Checker.Runtime;

/// <summary>Time-outs as the framework takes them.</summary>
internal static class Timeouts
{
    /// <summary>Whole milliseconds of a time-out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below -1 or above <see cref="int.MaxValue"/> milliseconds.</exception>
    internal static int Milliseconds(TimeSpan timeout)
    {
        long milliseconds = (long)timeout.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, Timeout.Infinite, nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, int.MaxValue, nameof(timeout));
        return (int)milliseconds;
    }

    internal static void Check(int millisecondsTimeout) => ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
}
