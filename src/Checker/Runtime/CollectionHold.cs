using System.Runtime;

namespace Verify.Checker.Runtime;

/// <summary>Holds the garbage collector off, so that objects stay where they are and an address names a location.</summary>
/// <remarks>
/// A region without collections is the process's, so explorations that run side by side share one. It ends when what it was given is used up,
/// or somebody asks for a collection; then objects may have moved, and executions under way notice by the count of collections and are run
/// again (docs/decisions/0001-location-identity.md). Holding it is what makes that rare, never what makes it right.
/// </remarks>
internal sealed class CollectionHold : IDisposable
{
    private const long LeastBytes = 96L << 20; // the stacks of tens of thousands of traced events
    private const long MostBytes = 1L << 30;

    private static readonly object s_gate = new();
    private static int s_holders;           // under s_gate
    private static long s_bytes;            // under s_gate: size of the region
    private static long s_allocatedAtStart; // under s_gate

    private bool _disposed;

    internal CollectionHold()
    {
        lock (s_gate)
        {
            s_holders++;
        }
    }

    /// <summary>Makes sure that an execution about to start has room; at best there is no collection while it runs.</summary>
    /// <param name="attempt">How often a collection has already disturbed this execution; each time more room is asked for.</param>
    internal static void Renew(int attempt)
    {
        long wanted = Math.Min(LeastBytes << Math.Min(attempt, 10), MostBytes);
        lock (s_gate)
        {
            bool held = GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;
            if (held && s_bytes >= wanted && GC.GetTotalAllocatedBytes() - s_allocatedAtStart < s_bytes / 2)
            {
                return;
            }

            End();
            try
            {
                GC.TryStartNoGCRegion(wanted);
            }
            catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException)
            {
                // More than this collector can promise, or the host holds a region of its own: then only the counting protects.
            }

            s_bytes = wanted;
            s_allocatedAtStart = GC.GetTotalAllocatedBytes();
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        lock (s_gate)
        {
            if (--s_holders == 0)
            {
                End();
            }
        }
    }

    private static void End()
    {
        if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
        {
            return;
        }

        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // A collection has ended it in the meantime.
        }
    }
}
