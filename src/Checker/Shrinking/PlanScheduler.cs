using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shrinking;

/// <summary>Follows a plan as far as it can be followed, and where it cannot, goes on without preemptions.</summary>
/// <remarks>
/// The repairs, each the one that adds no preemption: a stretch whose thread cannot go on ends there; one whose thread does not exist yet lets its
/// parent run until it does; after the last one the running thread goes on until it waits, ends or gives way, and the next in number follows.
/// </remarks>
internal sealed class PlanScheduler(Plan plan, int patience) : IScheduler, IWeakChoices
{
    private readonly ChoiceCounter _choices = new();
    private int[] _done = new int[8]; // events by thread
    private int _next;
    private int _unplanned; // decisions of one thread in a row that no stretch asked for

    public int ChooseThread(in SchedulingPoint point)
    {
        if (_done.Length < point.Pending.Length)
        {
            Array.Resize(ref _done, point.Pending.Length * 2);
        }

        int thread = Planned(point) ?? Unplanned(point);
        _done[thread]++;
        return thread;
    }

    public int ChooseValue(int count, int thread, int site) => Answer(OperationKind.Choice, count, thread, site);

    public int ReadFrom(int thread, int candidates, int site) => Answer(OperationKind.ReadFrom, candidates, thread, site);

    public int Place(int thread, int slots, int site) => Answer(OperationKind.Place, slots, thread, site);

    private int Answer(OperationKind kind, int count, int thread, int site) =>
        plan.Answers.TryGetValue(_choices.Next(kind, thread, site), out int answer) && answer < count ? answer : 0;

    private int? Planned(in SchedulingPoint point)
    {
        for (; _next < plan.Stretches.Count; _next++)
        {
            Stretch stretch = plan.Stretches[_next];
            int thread = stretch.Thread;
            if (thread < _done.Length && _done[thread] >= stretch.UpTo)
            {
                continue;
            }

            while (thread >= point.Pending.Length && thread < plan.Parents.Count)
            {
                thread = plan.Parents[thread];
            }

            if (point.Enabled.BinarySearch(thread) >= 0)
            {
                _unplanned = 0;
                return thread;
            }
        }

        return null;
    }

    private int Unplanned(in SchedulingPoint point)
    {
        // A thread that spins for another one must give way some time, or nothing would ever end.
        if (point.CurrentEnabled && point.Pending[point.Current].Kind != OperationKind.Yield && _unplanned++ < patience)
        {
            return point.Current;
        }

        _unplanned = 0;
        foreach (int thread in point.Enabled)
        {
            if (thread > point.Current)
            {
                return thread;
            }
        }

        return point.Enabled[0];
    }
}
