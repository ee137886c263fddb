using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Replay;

/// <summary>Follows a recorded schedule event by event and stops at the first one that differs.</summary>
internal sealed class ReplayScheduler(Schedule schedule) : IScheduler, IWeakChoices
{
    private int _next;
    private int _question; // of the memory machine, since the last event

    /// <summary>How many recorded events have been followed.</summary>
    internal int Followed => _next;

    public int ChooseThread(in SchedulingPoint point)
    {
        _question = 0;
        if (_next >= schedule.Steps.Count)
        {
            // The failing event is the last one recorded; a program that goes on past it no longer fails there.
            throw Diverged("the end, with: " + schedule.Failure.Message, "it goes on with " + Describe(point.Pending, point.Enabled[0]));
        }

        Step step = schedule.Steps[_next];
        if (step.Kind == OperationKind.Choice || step.IsWeak)
        {
            throw Diverged(Describe(step), Describe(point.Pending, point.Enabled[0]));
        }

        if (point.Enabled.BinarySearch(step.Thread) < 0)
        {
            string actual = step.Thread < point.Pending.Length
                ? $"{Name(step.Thread)} cannot proceed: {Describe(point.Pending, step.Thread)}"
                : $"{Name(step.Thread)} does not exist yet";
            throw Diverged(Describe(step), actual);
        }

        PendingOperation pending = point.Pending[step.Thread];
        if (pending.Kind != step.Kind || SiteTable.StableId(pending.Site) != schedule.Sites[step.Site].StableId)
        {
            throw Diverged(Describe(step), Describe(point.Pending, step.Thread));
        }

        _next++;
        return step.Thread;
    }

    public int ChooseValue(int count, int thread, int site)
    {
        _question = 0;
        if (_next < schedule.Steps.Count)
        {
            Step step = schedule.Steps[_next];
            if (step.Kind == OperationKind.Choice && step.Thread == thread && step.Value < count
                && SiteTable.StableId(site) == schedule.Sites[step.Site].StableId)
            {
                _next++;
                return step.Value;
            }

            throw Diverged(Describe(step), $"{Name(thread)} makes a choice of {count} at {SiteTable.Get(site).Place}");
        }

        throw Diverged("the end", $"{Name(thread)} makes a choice of {count} at {SiteTable.Get(site).Place}");
    }

    public int ReadFrom(int thread, int candidates, int site) => Weak(OperationKind.ReadFrom, thread, candidates, site);

    public int Place(int thread, int slots, int site) => Weak(OperationKind.Place, thread, slots, site);

    // Only answers other than 0 are recorded. One that no question takes is still the next step when the thread comes to its next event.
    private int Weak(OperationKind kind, int thread, int count, int site)
    {
        int question = _question++;
        if (_next == schedule.Steps.Count)
        {
            return 0;
        }

        Step step = schedule.Steps[_next];
        if (step.Kind != kind || step.Question != question || step.Thread != thread || step.Answer >= count
            || SiteTable.StableId(site) != schedule.Sites[step.Site].StableId)
        {
            return 0;
        }

        _next++;
        return step.Answer;
    }

    private ScheduleDivergedException Diverged(string recorded, string actual) => new(new Divergence(_next + 1, recorded, actual));

    private string Name(int thread) => thread < schedule.Threads.Count ? schedule.Threads[thread] : "thread" + thread;

    private string Describe(in Step step)
    {
        Site site = schedule.Sites[step.Site];
        string what = step.Kind switch
        {
            OperationKind.ReadFrom => "an older value read by ",
            OperationKind.Place => "another time for the write of ",
            _ => "",
        };
        return $"{what}{Name(step.Thread)} {site.Operation} at {site.Place}";
    }

    private string Describe(ReadOnlySpan<PendingOperation> pending, int thread)
    {
        Site site = SiteTable.Get(pending[thread].Site);
        return $"{Name(thread)} {site.Operation} at {site.Place}";
    }
}
