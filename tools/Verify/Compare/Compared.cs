using Verify.Engine.Dirty;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>What is compared: what the catalogues have, and what the user brings.</summary>
/// <param name="Strategies">Named as schedules record them.</param>
/// <param name="Designs">Of dirty memory; named as schedules record them.</param>
/// <param name="RcuVariants">As the scenarios about RCU name their sound variants.</param>
internal sealed record Compared(IReadOnlyList<InvalidationEntry> Strategies, IReadOnlyList<DirtyMemoryEntry> Designs, IReadOnlyList<string> RcuVariants)
{
    private static readonly string[] s_rcuVariants = ["symmetric", "asymmetric", "two-phase"];

    /// <summary>Names of the groups, for a comparison of some of them.</summary>
    internal static IReadOnlyList<string> Groups { get; } = ["strategies", "dirty", "rcu"];

    /// <summary>Loads what the user names, each as <c>path.dll:TypeName</c>, beside ours.</summary>
    /// <param name="groups">Of <see cref="Groups"/>; none is all.</param>
    /// <param name="strategies">Strategies of the user's own.</param>
    /// <param name="designs">Dirty-memory designs of the user's own.</param>
    /// <exception cref="InputException">One is not named like that, or twice, or goes into a group that is left out.</exception>
    internal static Compared With(IReadOnlyList<string> groups, IReadOnlyList<string> strategies, IReadOnlyList<string> designs)
    {
        if (groups.FirstOrDefault(g => !Groups.Contains(g)) is { } unknown)
        {
            throw new InputException($"there is no group '{unknown}'; the groups are {string.Join(", ", Groups)}");
        }

        if (strategies.Concat(designs).GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InputException($"'{twice.Key}' is named twice; name each once");
        }

        bool Has(string group) => groups.Count == 0 || groups.Contains(group);
        if ((!Has("strategies") && strategies.Count > 0) || (!Has("dirty") && designs.Count > 0))
        {
            throw new InputException("--group leaves out what you bring yourself; name its group too");
        }

        return new Compared(
            Has("strategies") ? [.. InvalidationCatalog.Combinations, .. strategies.Select(Strategy)] : [],
            Has("dirty") ? [.. DirtyMemoryCatalog.All, .. designs.Select(Design)] : [],
            Has("rcu") ? s_rcuVariants : []);
    }

    private static InvalidationEntry Strategy(string name) => (StrategyLoader.TryLoad(name)
        ?? throw new InputException($"'{name}' is not a strategy of your own; write path.dll:TypeName (ours are compared anyway)")) with
    {
        Name = name,
    };

    private static DirtyMemoryEntry Design(string name) => (DirtyMemoryLoader.TryLoad(name)
        ?? throw new InputException($"'{name}' is not a dirty-memory design of your own; write path.dll:TypeName (ours are compared anyway)")) with
    {
        Name = name,
    };
}
