using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>What earlier executions showed of shared locations: which sites go together, and how many events each thread has there.</summary>
/// <remarks>
/// Locations are <see cref="SiteClasses"/>. Threads go by number, which is stable where threads are started in one order.
/// </remarks>
internal sealed class LocationProfile
{
    private readonly SiteClasses _classes = new();
    private readonly Dictionary<(int Thread, int Site), (long Events, int Writes)> _events = []; // over all executions
    private readonly List<int> _startedBy = []; // by thread; -1 unknown
    private int _executions;

    internal void BeginExecution()
    {
        _classes.BeginExecution();
        _executions++;
    }

    internal void Started(int thread, int parent)
    {
        while (_startedBy.Count <= thread)
        {
            _startedBy.Add(-1);
        }

        _startedBy[thread] = parent;
    }

    internal void Performed(int thread, in PendingOperation op)
    {
        if (!Conflict.IsShared(op))
        {
            return;
        }

        _classes.Touch(op);
        (long events, int writes) = _events.GetValueOrDefault((thread, op.Site));
        _events[(thread, op.Site)] = (events + 1, writes + (Conflict.Changes(op.Kind) ? 1 : 0));
    }

    /// <summary>A class that at least two threads touched and one of them changed, each as likely as the others; null when there is none.</summary>
    internal int? Select(Rng rng)
    {
        var classes = new SortedDictionary<int, (HashSet<int> Threads, bool Written)>();
        foreach (((int thread, int site), (_, int writes)) in _events)
        {
            int root = _classes.Of(site);
            if (!classes.TryGetValue(root, out (HashSet<int> Threads, bool Written) entry))
            {
                entry = ([], false);
            }

            entry.Threads.Add(thread);
            classes[root] = (entry.Threads, entry.Written || writes > 0);
        }

        int[] eligible = [.. classes.Where(c => c.Value.Threads.Count > 1 && c.Value.Written).Select(c => c.Key)];
        return eligible.Length == 0 ? null : eligible[rng.Next(eligible.Length)];
    }

    internal bool IsAt(in PendingOperation op, int location) => Conflict.IsShared(op) && _classes.Of(op.Site) == _classes.Of(location);

    /// <summary>Mean number of events at the location of the thread and of all threads it starts, directly or not.</summary>
    internal double Weight(int thread, int location)
    {
        int root = _classes.Of(location);
        long sum = 0;
        foreach (((int other, int site), (long events, _)) in _events)
        {
            if (_classes.Of(site) == root && Descends(other, thread))
            {
                sum += events;
            }
        }

        return (double)sum / Math.Max(1, _executions - 1);
    }

    private bool Descends(int thread, int from)
    {
        while (thread > from && thread < _startedBy.Count && _startedBy[thread] >= 0)
        {
            thread = _startedBy[thread];
        }

        return thread == from;
    }
}
