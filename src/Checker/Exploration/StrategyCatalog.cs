namespace Verify.Checker.Exploration;

/// <summary>Every exploration strategy there is, by the name used on the command line and in schedule files.</summary>
public static class StrategyCatalog
{
    /// <summary>One strategy: its name, what it does in a line, and how it is made.</summary>
    /// <param name="Name">Lower case.</param>
    /// <param name="Summary">A line.</param>
    /// <param name="Create">Makes it.</param>
    /// <param name="Splits">Whether its schedules can be cut into blocks that are explored apart, each with a seed of its own.</param>
    public sealed record Entry(string Name, string Summary, Func<ExplorationOptions, IExplorationStrategy> Create, bool Splits = true);

    /// <summary>The list.</summary>
    public static IReadOnlyList<Entry> All { get; } =
    [
        new("random", "any enabled thread at every step", o => new RandomWalk(o.Seed)),
        new("pct", "random priorities, lowered at depth-1 random steps", o => new Pct(o.Depth, o.Seed)),
        new("pos", "random priorities of operations, drawn anew after a race", o => new PartialOrderSampling(o.Seed)),
        new("surw", "uniform over the orders at one shared location", o => new SelectivelyUniform(o.Seed)),
        new("rff", "reads made to get their value from chosen writes", o => new ReadsFromTargeting(o.Seed)),
        new("portfolio", "rff, surw, pos, pct and random in turn", o => new Portfolio(o.Seed)),
        new("dfs", "every schedule up to a number of preemptions", o => new DepthFirst(o.Preemptions), Splits: false),
        new("dpor", "one schedule of each class that differs in the order of dependent events", _ => new Dpor(), Splits: false),
        new("exhaustive", "every schedule and every weak answer, states met before cut", _ => new Exhaustive(), Splits: false),
    ];

    /// <summary>The entry of that name, or null.</summary>
    public static Entry? Find(string name) => All.FirstOrDefault(e => e.Name == name);
}
