using Verify.Engine.Dirty;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>What is compared: what the catalogues have, and what the user brings.</summary>
/// <param name="Strategies">Named as schedules record them.</param>
/// <param name="Designs">Of dirty memory; named as schedules record them.</param>
internal sealed record Compared(IReadOnlyList<InvalidationEntry> Strategies, IReadOnlyList<DirtyMemoryEntry> Designs)
{
    /// <summary>As the scenarios about RCU name their sound variants.</summary>
    internal static IReadOnlyList<string> RcuVariants { get; } = ["symmetric", "asymmetric", "two-phase"];

    /// <summary>Loads what the user names, each as <c>path.dll:TypeName</c>.</summary>
    /// <exception cref="InputException">One is not named like that, or twice.</exception>
    internal static Compared With(IReadOnlyList<string> strategies, IReadOnlyList<string> designs)
    {
        if (strategies.Concat(designs).GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InputException($"'{twice.Key}' is named twice; name each once");
        }

        return new Compared(
            [.. InvalidationCatalog.Combinations, .. strategies.Select(Strategy)],
            [.. DirtyMemoryCatalog.All, .. designs.Select(Design)]);
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
