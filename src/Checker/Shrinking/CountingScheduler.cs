using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shrinking;

/// <summary>Counts the changes of thread that another scheduler decides on, and notes its unusual answers.</summary>
internal sealed class CountingScheduler(IScheduler inner) : IScheduler, IWeakChoices
{
    private readonly ChoiceCounter _choices = new();
    private readonly IWeakChoices _weak = inner as IWeakChoices ?? SequentialChoices.Instance;
    private int _last = -1;

    /// <summary>Preemptions so far.</summary>
    internal int Preemptions => Preempted.Count;

    /// <summary>Numbers of the runs of one thread, from 0, that ended by a preemption.</summary>
    internal HashSet<int> Preempted { get; } = [];

    /// <summary>Answers other than 0 so far.</summary>
    internal Dictionary<ChoiceKey, int> Answers { get; } = [];

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

    public int ChooseValue(int count, int thread, int site) => Note(OperationKind.Choice, thread, site, inner.ChooseValue(count, thread, site));

    public int ReadFrom(int thread, int candidates, int site) =>
        Note(OperationKind.ReadFrom, thread, site, _weak.ReadFrom(thread, candidates, site));

    public int Place(int thread, int slots, int site) => Note(OperationKind.Place, thread, site, _weak.Place(thread, slots, site));

    private int Note(OperationKind kind, int thread, int site, int answer)
    {
        ChoiceKey key = _choices.Next(kind, thread, site);
        if (answer != 0)
        {
            Answers.Add(key, answer);
        }

        return answer;
    }
}
