using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>PCT: the enabled thread of highest priority runs; priorities are random and are lowered at depth - 1 random steps.</summary>
/// <remarks>
/// Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.
/// A bug of that depth in a program of n threads and k steps is hit with probability at least 1/(n*k^(depth-1)) per execution: PctBoundTests.
/// Deviations: k is the longest execution so far, not given; a thread that yields drops below all others, or a spinning thread of
/// highest priority would run for ever (the bound speaks of programs that do not spin).
/// </remarks>
public sealed class Pct(int depth, ulong seed) : IExplorationStrategy
{
    private const int StepsAssumedAtFirst = 100;

    /// <inheritdoc/>
    public IScheduler Next(long execution, int longest) =>
        new Scheduler(new Rng(seed, (ulong)execution), depth, longest > 0 ? longest : StepsAssumedAtFirst);

    private sealed class Scheduler : IScheduler
    {
        private readonly Rng _rng;
        private readonly (int Step, long Priority)[] _changes; // depth-1, by step; priority of the i-th drawn is i: all lower than any start value
        private readonly List<long> _priority = [];            // by thread
        private long _lowest;                                  // next value for a thread that yields; always below every other
        private int _nextChange;
        private int _best = -1;
        private int _bestVersion = -1;

        internal Scheduler(Rng rng, int depth, int steps)
        {
            _rng = rng;
            _changes = new (int, long)[Math.Max(0, depth - 1)];
            for (int i = 0; i < _changes.Length; i++)
            {
                _changes[i] = (1 + rng.Next(steps), i + 1);
            }

            Array.Sort(_changes, static (a, b) => a.Step.CompareTo(b.Step));
        }

        public int ChooseThread(in SchedulingPoint point)
        {
            while (_priority.Count < point.Pending.Length)
            {
                // Independent 62-bit draws: their order is a uniformly random permutation, however late a thread appears.
                _priority.Add((long)(_rng.NextUInt64() >> 2) + _changes.Length + 1);
            }

            int best = Best(point);
            if (point.Pending[best].Kind == OperationKind.Yield && best == point.Current)
            {
                _priority[best] = --_lowest;
                best = Scan(point);
            }

            while (_nextChange < _changes.Length && point.Step >= _changes[_nextChange].Step)
            {
                _priority[best] = _changes[_nextChange++].Priority;
                best = Scan(point);
            }

            return best;
        }

        public int ChooseValue(int count, int thread, int site) => _rng.Next(4) == 0 ? _rng.Next(count) : 0;

        private int Best(in SchedulingPoint point) => point.EnabledVersion == _bestVersion ? _best : Scan(point);

        private int Scan(in SchedulingPoint point)
        {
            int best = point.Enabled[0];
            foreach (int thread in point.Enabled)
            {
                if (_priority[thread] > _priority[best])
                {
                    best = thread;
                }
            }

            _best = best;
            _bestVersion = point.EnabledVersion;
            return best;
        }
    }
}
