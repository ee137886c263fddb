using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>POS: every pending operation has a random priority; the highest runs, and those that race with it draw anew.</summary>
/// <remarks>
/// Yuan, Yang and Gu, "Partial Order Aware Concurrency Sampling", CAV 2018, algorithm 1. Races are those of <see cref="Conflict"/>.
/// Deviation: a thread that yields draws below every other one once, or a spinning thread could hold the highest priority.
/// </remarks>
public sealed class PartialOrderSampling(ulong seed) : IExplorationStrategy
{
    /// <inheritdoc/>
    public IScheduler Next(long execution, int longest) => new Scheduler(new Rng(seed, (ulong)execution));

    private sealed class Scheduler(Rng rng) : IScheduler
    {
        private readonly List<ulong> _priority = []; // by thread, of its pending operation
        private int _last = -1;
        private PendingOperation _done;

        public int ChooseThread(in SchedulingPoint point)
        {
            while (_priority.Count < point.Pending.Length)
            {
                _priority.Add(rng.NextUInt64() | 1);
            }

            if (_last >= 0)
            {
                // The thread that ran has a new operation; operations that raced with the old one draw again.
                _priority[_last] = point.Pending[_last].Kind == OperationKind.Yield ? 0 : rng.NextUInt64() | 1;
                foreach (int thread in point.Enabled)
                {
                    if (thread != _last && Conflict.Between(point.Pending[thread], _done))
                    {
                        _priority[thread] = rng.NextUInt64() | 1;
                    }
                }
            }

            int best = point.Enabled[0];
            foreach (int thread in point.Enabled)
            {
                // Ties happen among threads that yielded only; then the one that did not run last.
                if (_priority[thread] > _priority[best] || (_priority[thread] == _priority[best] && best == _last))
                {
                    best = thread;
                }
            }

            _last = best;
            _done = point.Pending[best];
            return best;
        }

        public int ChooseValue(int count, int thread, int site) => rng.Next(4) == 0 ? rng.Next(count) : 0;
    }
}
