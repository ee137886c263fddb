using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>
/// Which variant killed a defect where: in this run so far, and in an earlier one. What killed a place once, or a neighbour of it, is tried on it first.
/// </summary>
internal sealed class KillHistory
{
    private const int MostNeighbours = 6;

    private readonly object _lock = new();
    private readonly Dictionary<Mutation, Kill> _exact = []; // under _lock
    private readonly List<Kill> _kills = [];                 // under _lock

    /// <summary>A defect that was killed: where, by which variant, under which memory options.</summary>
    /// <param name="Mutation">The defect.</param>
    /// <param name="Cell">The variant.</param>
    /// <param name="Under">Memory options, in the words of schedule files.</param>
    internal sealed record Kill(Mutation Mutation, string Cell, string Under);

    internal void Learn(MutantResult result)
    {
        if (result.Fate != Fate.Killed)
        {
            return;
        }

        var kill = new Kill(result.Site.Mutation, result.By, result.Under);
        lock (_lock)
        {
            _exact[kill.Mutation] = kill;
            _kills.Add(kill);
        }
    }

    /// <summary>What killed this very defect before, if anything has.</summary>
    internal Kill? Of(Mutation mutation)
    {
        lock (_lock)
        {
            return _exact.GetValueOrDefault(mutation);
        }
    }

    /// <summary>Variants that killed defects in the same method, most often first, and then those in the same type.</summary>
    internal IReadOnlyList<string> Near(Mutation mutation)
    {
        string type = TypeOf(mutation.Method);
        lock (_lock)
        {
            return
            [
                .. _kills.Where(k => TypeOf(k.Mutation.Method) == type)
                    .GroupBy(k => k.Cell)
                    .OrderByDescending(g => g.Count(k => k.Mutation.Method == mutation.Method)).ThenByDescending(g => g.Count())
                    .ThenBy(g => g.Key, StringComparer.Ordinal)
                    .Select(g => g.Key).Take(MostNeighbours),
            ];
        }
    }

    private static string TypeOf(string method)
    {
        int parameters = method.IndexOf('(', StringComparison.Ordinal);
        string name = parameters < 0 ? method : method[..parameters];
        int dot = name.LastIndexOf('.');
        return dot < 0 ? name : name[..dot];
    }
}
