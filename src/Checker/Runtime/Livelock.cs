namespace Verify.Checker.Runtime;

/// <summary>Whether an execution that reached its step bound had come to rest: it goes on, but nobody gets any further.</summary>
/// <remarks>
/// Judged by the last quarter of its events, which <see cref="Exploration.FairTail"/> has scheduled fairly. A thread is at rest when all it does
/// is look (read, try, lock and unlock), or when it gives way again and again: a thread that yields says that it cannot go on by itself, the "good
/// samaritan" of Musuvathi and Qadeer, "Fair Stateless Model Checking", PLDI 2008. When every thread that ran was at rest, at places where it
/// had been before, the verdict is livelock. A thread that computes without end and never yields is not called one: it may yet end.
/// </remarks>
internal static class Livelock
{
    private const int LeastEvents = 200;
    private const int MostBetweenYields = 32; // own events of a thread

    /// <summary>What each thread goes round, one line a thread; null when it is no livelock.</summary>
    internal static string[]? Describe(ReadOnlySpan<Step> steps, IReadOnlyList<ControlledThread> threads)
    {
        ReadOnlySpan<Step> last = steps[(steps.Length - steps.Length / 4)..];
        ReadOnlySpan<Step> before = steps[(steps.Length / 2)..(steps.Length - last.Length)];
        if (last.Length < LeastEvents)
        {
            return null;
        }

        var known = new HashSet<(int, int)>();
        foreach (Step step in before)
        {
            known.Add((step.Thread, step.Site));
        }

        var sites = new SortedDictionary<int, SortedSet<int>>();
        var looksOnly = new Dictionary<int, bool>();
        var sinceYield = new Dictionary<int, int>();
        var longest = new Dictionary<int, int>();
        foreach (Step step in last)
        {
            if (step.Kind is OperationKind.ThreadBegin or OperationKind.ThreadStart || !known.Contains((step.Thread, step.Site)))
            {
                return null;
            }

            sites.TryAdd(step.Thread, []);
            sites[step.Thread].Add(step.Site);
            looksOnly[step.Thread] = looksOnly.GetValueOrDefault(step.Thread, true) && IsLook(step.Kind);
            int since = step.Kind == OperationKind.Yield ? 0 : sinceYield.GetValueOrDefault(step.Thread) + 1;
            sinceYield[step.Thread] = since;
            longest[step.Thread] = Math.Max(longest.GetValueOrDefault(step.Thread), since);
        }

        if (sites.Keys.Any(t => !looksOnly[t] && longest[t] > MostBetweenYields))
        {
            return null;
        }

        return [.. sites.Select(s => $"{threads[s.Key].Name} goes round {string.Join(", ", s.Value.Select(i => SiteTable.Get(i).Place).Distinct().Take(6))}")];
    }

    // Taking a lock and leaving it changes nothing by itself; what is written inside shows as a write. So with waits: what they take for good comes
    // to an end unless somebody signals, and a wait that times out takes nothing.
    private static bool IsLook(OperationKind kind) => kind is OperationKind.VolatileRead or OperationKind.PlainRead or OperationKind.Fence
        or OperationKind.Yield or OperationKind.Choice or OperationKind.Observe or OperationKind.LockTry or OperationKind.WaitTry
        or OperationKind.LockAcquire or OperationKind.LockRelease or OperationKind.MonitorWait or OperationKind.WaitAcquire or OperationKind.ThreadJoin;
}
