namespace Verify.Checker.Exploration;

/// <summary>What one strategy went through; of a portfolio, each of its members.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Schedules">Executions.</param>
/// <param name="Decisions">Their scheduling decisions.</param>
/// <param name="Traces">Their classes, as far as they ended; null under a weak memory, where the order of events is not all that tells executions apart.</param>
public sealed record StrategyCoverage(string Strategy, long Schedules, long Decisions, TraceSet? Traces)
{
    /// <summary>The coverage of several parts of one exploration, by strategy, in order of their first appearance.</summary>
    public static IReadOnlyList<StrategyCoverage> Join(IEnumerable<StrategyCoverage> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return [.. parts.GroupBy(p => p.Strategy).Select(g => new StrategyCoverage(
            g.Key, g.Sum(p => p.Schedules), g.Sum(p => p.Decisions), Union(g.Select(p => p.Traces))))];
    }

    /// <summary>All classes of some sets; null if one is missing or there are none. Sets of several capacities are joined at the smallest.</summary>
    public static TraceSet? Union(IEnumerable<TraceSet?> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        TraceSet?[] all = [.. sets];
        if (all.Length == 0 || all.Contains(null))
        {
            return null;
        }

        var union = new TraceSet(all.Min(s => s!.Capacity));
        foreach (TraceSet? set in all)
        {
            union.UnionWith(set!);
        }

        return union;
    }
}

/// <summary>A strategy that lets others choose, an execution each.</summary>
internal interface IDelegates
{
    /// <summary>Name of the strategy that has execution number <paramref name="execution"/>, as in the catalogue.</summary>
    string NameOf(long execution);
}

/// <summary>Counts what an exploration covers.</summary>
internal sealed class CoverageCounter(string strategy, IExplorationStrategy chooser, bool weak)
{
    private const int SampleCapacity = 512; // what several blocks add up to need not be exact; a search's classes are its result

    private readonly List<Counts> _counts = [];

    private sealed class Counts(string name, TraceSet? traces)
    {
        internal readonly string Name = name;
        internal readonly TraceSet? Traces = traces;
        internal long Schedules;
        internal long Decisions;
    }

    /// <summary>Counts an execution.</summary>
    /// <param name="execution">Its number, from 0.</param>
    /// <param name="decisions">How many it took.</param>
    /// <param name="trace">Its class; null when it was abandoned.</param>
    internal void Add(long execution, long decisions, ulong? trace)
    {
        string name = chooser is IDelegates portfolio ? portfolio.NameOf(execution) : strategy;
        Counts? counts = _counts.Find(c => c.Name == name);
        if (counts is null)
        {
            _counts.Add(counts = new Counts(name, weak ? null : new TraceSet(chooser.Enumerates ? TraceSet.Most : SampleCapacity)));
        }

        counts.Schedules++;
        counts.Decisions += decisions;
        if (trace is { } digest)
        {
            counts.Traces?.Add(digest);
        }
    }

    internal IReadOnlyList<StrategyCoverage> Result => [.. _counts.Select(c => new StrategyCoverage(c.Name, c.Schedules, c.Decisions, c.Traces))];
}
