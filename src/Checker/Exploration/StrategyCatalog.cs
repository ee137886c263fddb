namespace Verify.Checker.Exploration;

/// <summary>Every exploration strategy there is, by the name used on the command line and in schedule files.</summary>
public static class StrategyCatalog
{
    /// <summary>One strategy: its name, what it does in a line, and how it is made.</summary>
    /// <param name="Name">Lower case.</param>
    /// <param name="Summary">A line.</param>
    /// <param name="Create">Makes it.</param>
    /// <param name="Splits">How its schedules can be cut into blocks that are explored apart.</param>
    public sealed record Entry(string Name, string Summary, Func<ExplorationOptions, IExplorationStrategy> Create, Splitting Splits = Splitting.BySeed);

    /// <summary>How schedules are cut into blocks.</summary>
    public enum Splitting
    {
        /// <summary>So many to a block, each with a seed of its own.</summary>
        BySeed,

        /// <summary>A block for each preemption bound and each part of its tree.</summary>
        ByPart,

        /// <summary>They are not: what is tried depends on all that was tried before.</summary>
        None,
    }

    /// <summary>The list.</summary>
    public static IReadOnlyList<Entry> All { get; } =
    [
        new("random", "any enabled thread at every step", o => new RandomWalk(o.Seed)),
        new("pct", "random priorities, lowered at depth-1 random steps", o => new Pct(o.Depth, o.Seed)),
        new("pos", "random priorities of operations, drawn anew after a race", o => new PartialOrderSampling(o.Seed)),
        new("surw", "uniform over the orders at one shared location", o => new SelectivelyUniform(o.Seed)),
        new("rff", "reads made to get their value from chosen writes", o => new ReadsFromTargeting(o.Seed)),
        new("portfolio", "rff, surw, pos, pct and random in turn", o => new Portfolio(o.Seed)),
        new("dfs", "every schedule up to a number of preemptions", DepthFirstOf, Splitting.ByPart),
        new("dpor", "one schedule of each class that differs in the order of dependent events", _ => new Dpor(), Splitting.None),
        new("exhaustive", "every schedule and every weak answer, states met before cut", _ => new Exhaustive(), Splitting.None),
    ];

    private static DepthFirst DepthFirstOf(ExplorationOptions o) =>
        new(o.Preemptions, o.FirstPreemptions, o.Memory.Machine.Model.StaleReads ? o.WeakAnswers : 0, o.Part, o.Parts);

    /// <summary>The entry of that name, or null.</summary>
    public static Entry? Find(string name) => All.FirstOrDefault(e => e.Name == name);
}
