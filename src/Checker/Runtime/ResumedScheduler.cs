using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

/// <summary>Repeats the decisions of an execution that a garbage collection cut short, then lets its own scheduler go on where it was.</summary>
/// <param name="done">Every event of the execution so far.</param>
/// <param name="questions">How many questions of the memory machine were answered after the last event.</param>
/// <param name="rest">Decides after that.</param>
/// <param name="weak">Answers after that.</param>
internal sealed class ResumedScheduler(Step[] done, int questions, IScheduler rest, IWeakChoices weak) : IScheduler, IWeakChoices
{
    private int _next;
    private int _question;
    private bool _over; // from here on it is the others'

    /// <summary>Whether the past has not been repeated to its end.</summary>
    internal bool IsRepeating => !_over && (_next < done.Length || _question < questions);

    public int ChooseThread(in SchedulingPoint point) =>
        IsOver() ? rest.ChooseThread(point) : done[_next++].Thread;

    public int ChooseValue(int count, int thread, int site) =>
        IsOver() ? rest.ChooseValue(count, thread, site) : done[_next++].Value;

    public int ReadFrom(int thread, int candidates, int site) =>
        Repeats(out int answer) ? answer : weak.ReadFrom(thread, candidates, site);

    public int Place(int thread, int slots, int site) => Repeats(out int answer) ? answer : weak.Place(thread, slots, site);

    // At an event: the questions begin anew.
    private bool IsOver()
    {
        _question = 0;
        _over |= _next == done.Length;
        return _over;
    }

    private bool Repeats(out int answer)
    {
        answer = 0;
        if (!IsRepeating)
        {
            _over = true;
            return false;
        }

        if (_next < done.Length && done[_next].IsWeak && done[_next].Question == _question)
        {
            answer = done[_next++].Answer;
        }

        _question++;
        return true;
    }
}
