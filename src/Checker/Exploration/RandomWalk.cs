using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Random walk: at every step any enabled thread, each as likely as the others.</summary>
/// <remarks>
/// The "controlled random scheduler" of Thomson, Donaldson and Betts, "Concurrency Testing Using Controlled Schedulers", TOPC 2016.
/// A thread that yields is not chosen again at once while another can run, so a spinning thread does not eat the step bound.
/// </remarks>
public sealed class RandomWalk(ulong seed) : IExplorationStrategy
{
    /// <inheritdoc/>
    public IScheduler Next(long execution, int longest) => new Scheduler(new Rng(seed, (ulong)execution));

    private sealed class Scheduler(Rng rng) : IScheduler
    {
        public int ChooseThread(in SchedulingPoint point)
        {
            int count = point.Enabled.Length;
            if (count == 1)
            {
                return point.Enabled[0];
            }

            int chosen = point.Enabled[rng.Next(count)];
            if (chosen == point.Current && point.Pending[chosen].Kind == OperationKind.Yield)
            {
                int other = point.Enabled[rng.Next(count - 1)];
                chosen = other >= chosen ? point.Enabled[point.Enabled.BinarySearch(other) + 1] : other;
            }

            return chosen;
        }

        public int ChooseValue(int count, int thread, int site) => rng.Next(4) == 0 ? rng.Next(count) : 0;
    }
}
