using System.Runtime.InteropServices;

namespace Verify.Checker.Exploration;

/// <summary>The way from the root of a search tree to the execution under way: what was chosen at each decision, and of how many.</summary>
/// <remarks>
/// One of several parts of the tree may be explored alone. What is below the first decision that departs from the very first execution belongs to
/// one part as a whole; which, follows from where that decision stands and what it chooses, so parts need to know nothing of each other. Each
/// runs the first execution, which only part 0 counts.
/// </remarks>
internal sealed class ChoicePath(int part = 0, int parts = 1)
{
    private readonly List<Node> _nodes = [];
    private int _sized; // nodes whose Below is known

    /// <param name="Alternatives">At least 2.</param>
    /// <param name="Index">The one taken.</param>
    /// <param name="Budget">How many departures are left here and below, where each costs one; 0 where they are free.</param>
    /// <param name="Below">Decisions from here to the end of the execution in which this one was first met.</param>
    private record struct Node(int Alternatives, int Index, int Budget, int Below);

    /// <summary>Whether the path is the first execution and that belongs to another part.</summary>
    internal bool IsForeign => part != 0 && _nodes.TrueForAll(n => n.Index == 0);

    /// <summary>Decisions on the path.</summary>
    internal int Count => _nodes.Count;

    /// <summary>Follows the path, and past its end takes the first alternative.</summary>
    /// <param name="at">Decisions of this execution so far; counted up.</param>
    /// <param name="alternatives">At least 1; a decision with one is none.</param>
    /// <param name="budget">Departures left, where each costs one; 0 where they are free.</param>
    internal int Choose(ref int at, int alternatives, int budget = 0)
    {
        if (alternatives == 1)
        {
            return 0;
        }

        if (at == _nodes.Count)
        {
            _nodes.Add(new Node(alternatives, 0, budget, 0));
        }

        return _nodes[at++].Index;
    }

    /// <summary>Moves to the next leaf of this part: drops exhausted decisions from the end and takes the next alternative of the last one left.</summary>
    /// <returns>False when there is none.</returns>
    internal bool Advance()
    {
        Span<Node> nodes = CollectionsMarshal.AsSpan(_nodes);
        for (; _sized < nodes.Length; _sized++)
        {
            nodes[_sized].Below = nodes.Length - _sized;
        }

        int departures = 0;
        foreach (Node node in nodes)
        {
            departures += node.Index == 0 ? 0 : 1;
        }

        for (int last = nodes.Length - 1; last >= 0; last--)
        {
            departures -= nodes[last].Index == 0 ? 0 : 1;
            while (++nodes[last].Index < nodes[last].Alternatives)
            {
                if (departures > 0 || (last + nodes[last].Index) % parts == part)
                {
                    _sized = Math.Min(_sized, last + 1);
                    return true;
                }
            }

            _nodes.RemoveAt(last);
        }

        _sized = 0;
        return false;
    }

    /// <summary>The part of the tree that lies before the path, 0 to 1: the sum over the leaves passed of the odds of a walk that ends there.</summary>
    /// <remarks>
    /// Knuth, "Estimating the Efficiency of Backtrack Programs", 1975, as the weighted backtrack estimator of Kilby, Slaney, Thiébaux and Walsh, AAAI
    /// 2006. The walk takes every alternative equally often, but where departures are rationed: of m decisions ahead with r departures left, it
    /// departs at the first with odds r/m, since about C(m-1, r-1) of the C(m, r) ways to spend them do so.
    /// </remarks>
    internal double Passed()
    {
        double passed = 0, odds = 1;
        foreach (Node node in _nodes)
        {
            double stay = node.Budget == 0 || node.Below <= node.Budget
                ? 1.0 / node.Alternatives
                : (double)(node.Below - node.Budget) / node.Below;
            double depart = (1 - stay) / (node.Alternatives - 1);
            if (node.Index > 0)
            {
                passed += odds * (stay + ((node.Index - 1) * depart));
            }

            odds *= node.Index == 0 ? stay : depart;
        }

        return passed;
    }
}
