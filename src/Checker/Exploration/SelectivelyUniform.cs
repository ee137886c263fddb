using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>SURW: picks some shared location and samples the orders of the accesses to it uniformly; everything else runs at random.</summary>
/// <remarks>
/// Zhao et al., "Selectively Uniform Concurrency Testing", ASPLOS 2025. The thread whose interesting event comes next is drawn with weights
/// equal to the interesting events each thread still has; threads about to perform an interesting event out of turn are held back.
/// A thread's weight includes those of threads it has yet to start. Weights are the means of earlier executions: see <see cref="LocationProfile"/>.
/// Deviations: the location is a class of sites that were seen to touch the same address, since addresses differ between executions; one execution in
/// eight is a plain random walk, so that the profile sees what the selected orders hide; a yielding thread is passed over once.
/// </remarks>
public sealed class SelectivelyUniform(ulong seed) : IExplorationStrategy
{
    private const int PlainEvery = 8;

    private readonly LocationProfile _profile = new();

    /// <inheritdoc/>
    public IScheduler Next(long execution, int longest)
    {
        var rng = new Rng(seed, (ulong)execution);
        _profile.BeginExecution();
        int? selected = execution % PlainEvery == 0 ? null : _profile.Select(rng);
        return new Scheduler(rng, _profile, selected);
    }

    private sealed class Scheduler(Rng rng, LocationProfile profile, int? selected) : IScheduler
    {
        private readonly List<double> _left = []; // by thread: interesting events it and the threads it has yet to start still have
        private readonly List<int> _candidates = [];
        private int _intended = -1;

        public int ChooseThread(in SchedulingPoint point)
        {
            while (_left.Count < point.Pending.Length)
            {
                AddThread(point.Current);
            }

            int chosen = Choose(point);
            PendingOperation op = point.Pending[chosen];
            profile.Performed(chosen, op);
            if (selected is { } location && profile.IsAt(op, location))
            {
                _left[chosen] = Math.Max(0, _left[chosen] - 1);
                _intended = -1;
            }

            return chosen;
        }

        public int ChooseValue(int count, int thread, int site) => rng.Next(4) == 0 ? rng.Next(count) : 0;

        private void AddThread(int parent)
        {
            int thread = _left.Count;
            double weight = selected is { } location ? profile.Weight(thread, location) : 0;
            if (thread > 0 && parent < thread)
            {
                _left[parent] = Math.Max(0, _left[parent] - weight);
                profile.Started(thread, parent);
            }

            _left.Add(weight);
        }

        private int Choose(in SchedulingPoint point)
        {
            if (selected is not { } location)
            {
                return Uniform(point, point.Enabled);
            }

            if (_intended < 0 || point.Enabled.BinarySearch(_intended) < 0)
            {
                _intended = DrawIntended(point);
            }

            _candidates.Clear();
            foreach (int thread in point.Enabled)
            {
                if (thread == _intended || !profile.IsAt(point.Pending[thread], location))
                {
                    _candidates.Add(thread);
                }
            }

            // The intended thread may be disabled or have nothing interesting left after all; then nobody is held back.
            return _candidates.Count == 0 ? Uniform(point, point.Enabled) : Uniform(point, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_candidates));
        }

        private int DrawIntended(in SchedulingPoint point)
        {
            double total = 0;
            foreach (int thread in point.Enabled)
            {
                total += _left[thread];
            }

            double at = (rng.NextUInt64() >> 11) * (1.0 / (1UL << 53)) * total;
            foreach (int thread in point.Enabled)
            {
                at -= _left[thread];
                if (at < 0)
                {
                    return thread;
                }
            }

            return point.Enabled[rng.Next(point.Enabled.Length)];
        }

        private int Uniform(in SchedulingPoint point, ReadOnlySpan<int> among)
        {
            int chosen = among[rng.Next(among.Length)];
            if (among.Length > 1 && chosen == point.Current && point.Pending[chosen].Kind == OperationKind.Yield)
            {
                chosen = among[rng.Next(among.Length)];
            }

            return chosen;
        }
    }
}
