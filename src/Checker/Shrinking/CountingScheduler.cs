using Verify.Checker.Runtime;

namespace Verify.Checker.Shrinking;

/// <summary>Counts the changes of thread that another scheduler decides on.</summary>
internal sealed class CountingScheduler(IScheduler inner) : IScheduler
{
    private int _last = -1;

    /// <summary>Preemptions so far.</summary>
    internal int Preemptions => Preempted.Count;

    /// <summary>Numbers of the runs of one thread, from 0, that ended by a preemption.</summary>
    internal HashSet<int> Preempted { get; } = [];

    /// <summary>Changes of thread so far, preemptions included.</summary>
    internal int Switches { get; private set; }

    public int ChooseThread(in SchedulingPoint point)
    {
        int thread = inner.ChooseThread(point);
        if (_last >= 0 && thread != _last)
        {
            if (Preemption.Is(point, thread))
            {
                Preempted.Add(Switches);
            }

            Switches++;
        }

        _last = thread;
        return thread;
    }

    public int ChooseValue(int count, int thread, int site) => inner.ChooseValue(count, thread, site);
}
