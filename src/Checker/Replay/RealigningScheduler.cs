using Verify.Checker.Runtime;

namespace Verify.Checker.Replay;

/// <summary>Follows a schedule of another build of the program as far as the two agree.</summary>
/// <remarks>
/// The recorded order of threads is kept. Where a thread is about to do something else than recorded, it either has something new to do first,
/// which is let pass, or has left the recorded event out, which is then skipped: whichever its later recorded events suggest.
/// </remarks>
internal sealed class RealigningScheduler(Schedule schedule) : IScheduler
{
    private const int LookAhead = 64;       // recorded events of one thread among which its next one is searched
    private const int MostNewInARow = 1000; // then a loop has been added, or the events of another program are followed

    private readonly bool[] _done = new bool[schedule.Steps.Count];
    private int _next;
    private int _newInARow;

    /// <summary>Events without a recorded counterpart.</summary>
    internal int New { get; private set; }

    /// <summary>Recorded events that did not happen.</summary>
    internal int Gone { get; private set; }

    public int ChooseThread(in SchedulingPoint point)
    {
        while (Advance())
        {
            Step step = schedule.Steps[_next];
            if (step.Kind == OperationKind.Choice || step.IsWeak)
            {
                Skip(_next);
                continue;
            }

            int at = point.Enabled.BinarySearch(step.Thread) >= 0 ? _next : FirstEnabled(point);
            if (at < 0)
            {
                break;
            }

            int thread = schedule.Steps[at].Thread;
            int match = Find(thread, at, point.Pending[thread]);
            if (match > at)
            {
                // Its turn comes at its recorded place, not at that of what was left out before it.
                SkipBetween(thread, at, match);
                continue;
            }

            if (match == at)
            {
                _done[at] = true;
                _newInARow = 0;
                return thread;
            }

            if (++_newInARow > MostNewInARow)
            {
                Skip(at);
                _newInARow = 0;
                continue;
            }

            New++;
            return thread;
        }

        New++;
        return point.CurrentEnabled ? point.Current : point.Enabled[0];
    }

    public int ChooseValue(int count, int thread, int site)
    {
        if (Advance() && schedule.Steps[_next] is { Kind: OperationKind.Choice } step && step.Thread == thread && step.Value < count)
        {
            _done[_next] = true;
            return step.Value;
        }

        New++;
        return 0;
    }

    private void SkipBetween(int thread, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (schedule.Steps[i].Thread == thread)
            {
                Skip(i);
            }
        }
    }

    // The thread's recorded event, this one or a near later one, that is what it does next; -1 when there is none.
    private int Find(int thread, int from, in PendingOperation pending)
    {
        for (int i = from, seen = 0; i < _done.Length && seen < LookAhead; i++)
        {
            Step step = schedule.Steps[i];
            if (step.Thread != thread || _done[i] || step.Kind == OperationKind.Choice)
            {
                continue;
            }

            if (step.Kind == pending.Kind && IsSame(SiteTable.Get(pending.Site), schedule.Sites[step.Site]))
            {
                return i;
            }

            seen++;
        }

        return -1;
    }

    // Not the ordinal within the method, which every edit above it changes.
    private static bool IsSame(Site site, Site recorded) => site.Method == recorded.Method && site.Operation == recorded.Operation;

    // The earliest recorded event of a thread that can proceed; -1 when there is none.
    private int FirstEnabled(in SchedulingPoint point)
    {
        for (int i = _next; i < _done.Length; i++)
        {
            if (!_done[i] && schedule.Steps[i].Kind != OperationKind.Choice && point.Enabled.BinarySearch(schedule.Steps[i].Thread) >= 0)
            {
                return i;
            }
        }

        return -1;
    }

    private bool Advance()
    {
        while (_next < _done.Length && _done[_next])
        {
            _next++;
        }

        return _next < _done.Length;
    }

    private void Skip(int step)
    {
        if (!_done[step])
        {
            _done[step] = true;
            Gone++;
        }
    }
}
