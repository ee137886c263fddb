using System.Runtime.ExceptionServices;

namespace Verify.Checker.Campaigns;

/// <summary>Several threads that work off the same list.</summary>
public static class Lanes
{
    /// <summary>Runs each lane on a thread of its own and returns when all have ended.</summary>
    /// <param name="lanes">At least one.</param>
    /// <param name="stop">Called when a lane has failed, to let the others end soon; on the failed lane's thread.</param>
    /// <exception cref="Exception">What the first lane to fail threw.</exception>
    public static void Run(IReadOnlyList<Action> lanes, Action stop)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        ArgumentNullException.ThrowIfNull(stop);
        Exception? failure = null;
        Thread[] threads = [.. lanes.Select(lane => new Thread(() =>
        {
            try
            {
                lane();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                stop();
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
