using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="SpinWait"/>: under control every spin gives way.</summary>
[ShimFor(typeof(SpinWait))]
[PassThrough("get_Count", "get_NextSpinWillYield", "Reset")]
public static class SpinWaitShim
{
    public static void SpinOnce(ref SpinWait self, int site) => SpinOnce(ref self, -1, site);

    public static void SpinOnce(ref SpinWait self, int sleep1Threshold, int site)
    {
        if (ControlledThread.Current is null)
        {
            self.SpinOnce(sleep1Threshold);
            return;
        }

        ControlledThread.Point(OperationKind.Yield, site);
    }

    public static void SpinUntil(Func<bool> condition, int site) => SpinUntil(condition, Timeout.Infinite, site);

    public static bool SpinUntil(Func<bool> condition, TimeSpan timeout, int site) => SpinUntil(condition, Timeouts.Milliseconds(timeout), site);

    public static bool SpinUntil(Func<bool> condition, int millisecondsTimeout, int site)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (ControlledThread.Current is not { } self)
        {
            return SpinWait.SpinUntil(condition, millisecondsTimeout);
        }

        while (!condition())
        {
            ControlledThread.Point(OperationKind.Yield, site);
            if (millisecondsTimeout >= 0 && self.Execution.Choose(self, 2, site) == 1)
            {
                return condition();
            }
        }

        return true;
    }
}
