namespace Verify.Tests.Sct;

/// <summary>A driver is stopped while a request has passed its check but has not been counted.</summary>
/// <remarks>Qadeer and Wu, "KISS: Keep It Simple and Sequential", PLDI 2004.</remarks>
internal static class Bluetooth
{
    private sealed class Device
    {
        internal readonly object Lock = new();
        internal volatile int PendingIo = 1;
        internal volatile bool Stopping;
        internal volatile bool StopEvent;
        internal volatile bool Stopped;
    }

    internal static void Run()
    {
        var d = new Device();
        Threads.Run(
            () =>
            {
                d.Stopping = true;
                Decrement(d);
                if (d.StopEvent)
                {
                    d.Stopped = true;
                }
            },
            () =>
            {
                if (Increment(d))
                {
                    Threads.Assert(!d.Stopped, "a request runs on a stopped driver");
                }

                Decrement(d);
            });
    }

    private static bool Increment(Device d)
    {
        if (d.Stopping)
        {
            return false;
        }

        lock (d.Lock)
        {
            d.PendingIo++;
        }

        return true;
    }

    private static void Decrement(Device d)
    {
        int left;
        lock (d.Lock)
        {
            left = --d.PendingIo;
        }

        if (left == 0)
        {
            d.StopEvent = true;
        }
    }
}
