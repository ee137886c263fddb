using Verify.Checker.Exploration.PartialOrder;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Dynamic partial-order reduction: one schedule of each class of schedules that differ in the order of independent events only.</summary>
/// <remarks>
/// Source-set DPOR with sleep sets: Abdulla, Aronsson, Jonsson and Sagonas, "Optimal Dynamic Partial Order Reduction", POPL 2014, Algorithm 1.
/// Complete under sequential consistency for programs that end within the step bound and whose shared accesses are all scheduling points:
/// every class (Mazurkiewicz trace) is run to its end exactly once. An execution in which every thread that can go on is asleep leads
/// only to classes run before; it is abandoned and counted in <see cref="Blocked"/>.
/// </remarks>
public sealed class Dpor : IExplorationStrategy, ISearch, IComparesAddresses
{
    private readonly List<Node> _path = [];
    private int _prefix;     // nodes that the latest execution was told to follow
    private bool _over;
    private bool _disturbed; // a garbage collection may have moved what the latest execution compared

    /// <summary>Executions run to their end: the number of classes so far.</summary>
    public long Complete { get; private set; }

    /// <summary>Executions abandoned as leading to nothing new.</summary>
    public long Blocked { get; private set; }

    /// <inheritdoc/>
    public SearchProgress Progress => new() { Executions = Complete, Blocked = Blocked, Explored = _over ? 1 : Passed() };

    // One decision: which thread, or which answer.
    private sealed class Node
    {
        internal int Chosen;
        internal int Answers; // of a choice that is not about threads; 0 for one that is
        internal int[] Enabled = [];
        internal readonly SortedSet<int> Backtrack = []; // threads to be tried here
        internal readonly HashSet<int> Done = [];
        internal HashSet<int> Sleep = [];                // threads whose next event leads only to what was run before
    }

    /// <inheritdoc/>
    public bool Enumerates => true;

    /// <inheritdoc/>
    public IScheduler? Next(long execution, int longest)
    {
        if (_disturbed)
        {
            // Its nodes may be wrong; what it added to those before is at most more to try.
            _path.RemoveRange(_prefix, _path.Count - _prefix);
        }
        else if (execution > 0 && !Advance())
        {
            _over = true;
            return null;
        }

        _disturbed = false;
        _prefix = _path.Count;
        return new Scheduler(this);
    }

    private bool Advance()
    {
        while (_path.Count > 0)
        {
            Node node = _path[^1];
            if (node.Answers > 0)
            {
                if (++node.Chosen < node.Answers)
                {
                    return true;
                }
            }
            else
            {
                node.Done.Add(node.Chosen);
                foreach (int thread in node.Backtrack)
                {
                    if (!node.Done.Contains(thread) && !node.Sleep.Contains(thread))
                    {
                        node.Chosen = thread;
                        return true;
                    }
                }
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    // As ChoicePath.Passed; what will yet be found to be tried is missing, so the truth is at most this.
    private double Passed()
    {
        double passed = 0, odds = 1;
        foreach (Node node in _path)
        {
            int done = node.Answers > 0 ? node.Chosen : node.Done.Count;
            int all = node.Answers > 0 ? node.Answers : node.Backtrack.Count(t => !node.Sleep.Contains(t) || node.Done.Contains(t) || t == node.Chosen);
            passed += odds * done / all;
            odds /= all;
        }

        return Math.Min(passed, 1);
    }

    private sealed class Scheduler(Dpor owner) : IScheduler, IExecutionEnd
    {
        private readonly Trace _trace = new();
        private int _at;
        private readonly int _collections = GC.CollectionCount(0);
        private bool _blocked;
        private HashSet<int> _sleep = [];

        public int ChooseThread(in SchedulingPoint point)
        {
            if (_at == owner._path.Count && !Extend(point))
            {
                _blocked = true;
                throw new ScheduleDivergedException(new Divergence(point.Step, "a thread that is awake", "all have been tried"));
            }

            Node node = owner._path[_at];
            int chosen = node.Chosen;
            PendingOperation op = point.Pending[chosen];
            _trace.Perform(chosen, op, _at, Turn);
            _sleep = [];
            foreach (int thread in node.Sleep.Concat(node.Done))
            {
                // As they stand in this execution: the addresses of another one mean nothing here.
                if (thread != chosen && !Dependence.Between(point.Pending[thread], op))
                {
                    _sleep.Add(thread);
                }
            }

            _at++;
            return chosen;
        }

        public int ChooseValue(int count, int thread, int site)
        {
            if (_at == owner._path.Count)
            {
                owner._path.Add(new Node { Answers = count });
            }

            return owner._path[_at++].Chosen;
        }

        public void Ended()
        {
            owner._disturbed = GC.CollectionCount(0) != _collections;
            if (owner._disturbed)
            {
                return;
            }

            if (_blocked)
            {
                owner.Blocked++;
            }
            else
            {
                owner.Complete++;
            }
        }

        // False when every thread that can go on is asleep.
        private bool Extend(in SchedulingPoint point)
        {
            var node = new Node { Enabled = point.Enabled.ToArray(), Sleep = _sleep };
            int chosen = -1;
            if (point.CurrentEnabled && !_sleep.Contains(point.Current))
            {
                chosen = point.Current; // costs no hand-over
            }
            else
            {
                foreach (int thread in node.Enabled)
                {
                    if (!_sleep.Contains(thread))
                    {
                        chosen = thread;
                        break;
                    }
                }
            }

            if (chosen < 0)
            {
                return false;
            }

            node.Chosen = chosen;
            node.Backtrack.Add(chosen);
            owner._path.Add(node);
            return true;
        }

        // The two events in the other order: what comes after the first without needing it, then the second, from where the first was chosen.
        private void Turn(Trace.Event first, Trace.Event second)
        {
            Node node = owner._path[first.Node];
            var later = new List<Trace.Event>();
            var initials = new SortedSet<int>();
            var seen = new HashSet<int>();
            for (int i = first.Index + 1; i < _trace.Events.Count; i++)
            {
                Trace.Event e = _trace.Events[i];
                if (e == second || !first.HappensBefore(e))
                {
                    if (seen.Add(e.Thread) && !later.Exists(l => l.HappensBefore(e)))
                    {
                        initials.Add(e.Thread);
                    }

                    later.Add(e);
                }
            }

            if (initials.Overlaps(node.Backtrack))
            {
                return;
            }

            int[] possible = [.. initials.Where(t => Array.BinarySearch(node.Enabled, t) >= 0)];
            if (possible.Length > 0)
            {
                node.Backtrack.Add(possible.Contains(second.Thread) ? second.Thread : possible[0]);
            }
            else
            {
                node.Backtrack.UnionWith(node.Enabled); // one of them leads there
            }
        }
    }
}
