using System.Runtime.InteropServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Depth-first: every schedule with at most so many preemptions, one after the other.</summary>
/// <remarks>
/// Iterative context bounding of Musuvathi and Qadeer, PLDI 2007: bound 0 first, then 1, up to the bound given. A preemption is a switch away
/// from a thread that could go on and does not yield. A thread that yields is left when another can run, as in CHESS's fair scheduling
/// (Musuvathi and Qadeer, PLDI 2008), so loops that spin with a yield are finite.
/// The space at a bound is exhausted when <see cref="Next"/> returns null: then no schedule within it fails.
/// </remarks>
public sealed class DepthFirst(int preemptions) : IExplorationStrategy
{
    private readonly List<Node> _path = [];
    private int _bound;

    /// <summary>Greatest bound whose schedules have all been tried, or -1.</summary>
    public int Exhausted { get; private set; } = -1;

    /// <inheritdoc/>
    public bool Enumerates => true;

    private record struct Node(int Alternatives, int Index);

    /// <inheritdoc/>
    public IScheduler? Next(long execution, int longest)
    {
        if (execution > 0 && !Advance())
        {
            Exhausted = _bound;
            if (_bound == preemptions)
            {
                return null;
            }

            _bound++;
        }

        return new Scheduler(this, _bound);
    }

    // Moves to the next leaf: drops exhausted nodes from the end and takes the next alternative of the last one left.
    private bool Advance()
    {
        while (_path.Count > 0)
        {
            ref Node last = ref CollectionsMarshal.AsSpan(_path)[^1];
            if (++last.Index < last.Alternatives)
            {
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    private int Choose(ref int at, int alternatives)
    {
        if (alternatives == 1)
        {
            return 0;
        }

        if (at == _path.Count)
        {
            _path.Add(new Node(alternatives, 0));
        }

        return _path[at++].Index;
    }

    private sealed class Scheduler(DepthFirst owner, int bound) : IScheduler
    {
        private int _at;
        private int _preemptions;

        public int ChooseThread(in SchedulingPoint point)
        {
            ReadOnlySpan<int> enabled = point.Enabled;
            int current = enabled.BinarySearch(point.Current);
            if (current < 0)
            {
                return enabled[owner.Choose(ref _at, enabled.Length)];
            }

            if (point.Pending[point.Current].Kind == OperationKind.Yield && enabled.Length > 1)
            {
                int other = owner.Choose(ref _at, enabled.Length - 1);
                return enabled[other >= current ? other + 1 : other];
            }

            if (_preemptions == bound)
            {
                return point.Current;
            }

            // Alternative 0 goes on, so that the first schedule of every bound is the one without preemptions.
            int choice = owner.Choose(ref _at, enabled.Length);
            if (choice == 0)
            {
                return point.Current;
            }

            _preemptions++;
            return enabled[choice <= current ? choice - 1 : choice];
        }

        public int ChooseValue(int count, int thread, int site) => owner.Choose(ref _at, count);
    }
}
