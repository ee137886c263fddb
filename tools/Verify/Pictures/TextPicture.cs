using Verify.Checker.Tracing;
using Verify.Cli.Output;

namespace Verify.Cli.Pictures;

/// <summary>A trace as text for terminals and logs: time runs down, a column a thread, one event a line, values and source lines.</summary>
internal sealed class TextPicture
{
    private const int NumberWidth = 7;
    private const int NarrowestLane = 24;
    private const int WidestLane = 48;
    private const int IdleLane = 20; // of a thread that does little, as one that starts and joins the others

    private readonly ExecutionTrace _trace;
    private readonly TextWriter _to;
    private readonly int[] _lanes;  // widths; empty when there are too many threads for columns: then each line names its thread
    private readonly int[] _lefts;
    private readonly int _nameWidth; // where there are no columns
    private readonly int _placeWidth;
    private readonly int _width;
    private readonly ILookup<int, TraceEdge> _into;

    private TextPicture(TextWriter to, ExecutionTrace trace, int width)
    {
        _to = to;
        _trace = trace;
        _width = width;
        _placeWidth = Math.Min(32, trace.Events.Select(e => e.Site.Place.Length).DefaultIfEmpty(0).Max() + 2);
        _nameWidth = Math.Min(18, trace.Threads.Select(t => t.Length).DefaultIfEmpty(0).Max() + 2);
        bool[] idle = [.. trace.Threads.Select((_, t) => trace.Threads.Count > 1 && trace.Events.Count(e => e.Thread == t) * 10 < trace.Events.Count)];
        int idlers = idle.Count(i => i);
        int lane = (width - NumberWidth - _placeWidth - (idlers * IdleLane)) / Math.Max(1, idle.Length - idlers);
        _lanes = lane >= NarrowestLane ? [.. idle.Select(i => i ? IdleLane : Math.Min(lane, WidestLane))] : [];
        _lefts = [.. _lanes.Select((_, t) => _lanes.Take(t).Sum())];
        _into = trace.Edges.Where(e => !e.Implied && trace.Events[e.From].Thread != trace.Events[e.To].Thread).ToLookup(e => e.To);
    }

    /// <summary>Writes the picture.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="trace">What to show.</param>
    /// <param name="width">Characters a line may have; at least 60 are used.</param>
    /// <param name="all">Show every event, also where nothing happens between threads.</param>
    internal static void Write(TextWriter to, ExecutionTrace trace, int width, bool all = false) =>
        new TextPicture(to, trace, Math.Max(width, 60)).Write(all);

    private void Write(bool all)
    {
        int[] folded = all ? new int[_trace.Events.Count] : Stretches.Fold(_trace);
        ILookup<int, TraceMark> marks = _trace.Marks.ToLookup(m => m.Event);
        if (_lanes.Length > 0)
        {
            IEnumerable<string> heads = _trace.Threads.Select((name, t) => Plain.Fit(name, _lanes[t] - 2).PadRight(_lanes[t]));
            _to.WriteLine((new string(' ', NumberWidth) + string.Concat(heads)).TrimEnd());
        }

        WriteMarks(marks[-1]);
        for (int i = 0; i < _trace.Events.Count;)
        {
            if (folded[i] > 0)
            {
                Line("", _trace.Events[i].Thread, $"· {folded[i]} more events", "");
                i += folded[i];
            }
            else
            {
                WriteEvent(i);
                WriteMarks(marks[i]);
                i++;
            }
        }

        foreach (TraceMark mark in _trace.Marks.Where(m => m.Kind != TraceMarkKind.Blocked))
        {
            foreach (TraceFrame frame in mark.Stack >= 0 ? _trace.Stacks[mark.Stack].Take(8) : [])
            {
                _to.WriteLine("          at " + Plain.OneLine(frame.ToString()));
            }
        }
    }

    private void WriteEvent(int i)
    {
        TraceEvent e = _trace.Events[i];
        if (e.Preempts)
        {
            int stopped = _trace.Events[Math.Max(0, i - 1)].Thread;
            Line("", stopped, "╌╌ preempted ╌╌", "");
        }

        string from = string.Concat(_into[i].Select(edge => $" ⇠{edge.From + 1}"));
        string waited = e.WaitedSince >= 0 ? $" ⧖{e.WaitedSince + 1}" : "";
        Line((i + 1).ToString(), e.Thread, EventText.Of(_trace, e), e.Site.Place, keep: from + waited);
    }

    private void WriteMarks(IEnumerable<TraceMark> marks)
    {
        foreach (TraceMark mark in marks)
        {
            string who = _lanes.Length > 0 ? "" : _trace.Threads[mark.Thread] + ": ";
            string text = (mark.Kind switch { TraceMarkKind.Blocked => "⏸ ", TraceMarkKind.Cause => "⇒ ", _ => "✗ " }) + who + Plain.OneLine(mark.Text);
            string indent = new(' ', NumberWidth + (_lanes.Length > 0 ? Math.Min(_lefts[mark.Thread], _width - NumberWidth - 50) : 0));
            foreach (string line in Wrap(text, _width - indent.Length))
            {
                _to.WriteLine(indent + line);
            }
        }
    }

    // ⇠n: ordered by, or reads what was written by, event n; ⧖n: the thread waited from event n on. A line may end the
    // middle of what it says, but never without its number, its place and where its value comes from.
    private void Line(string number, int thread, string text, string place, string keep = "")
    {
        string clean = Plain.OneLine(text) + keep;
        int room = _lanes.Length > 0 ? _lanes[thread] - 1 : _width - NumberWidth - _placeWidth - _nameWidth;
        if (clean.Length > room && keep.Length > 0 && room > keep.Length + 8)
        {
            clean = Plain.Fit(Plain.OneLine(text), room - keep.Length) + keep;
        }

        string cell = Plain.Fit(clean, room);
        string lanes = _lanes.Length > 0
            ? new string(' ', _lefts[thread]) + cell.PadRight(_lanes.Sum() - _lefts[thread])
            : Plain.Fit(_trace.Threads[thread], _nameWidth - 2).PadRight(_nameWidth) + cell.PadRight(room + 1);
        _to.WriteLine($"{number.PadLeft(NumberWidth - 2)}  {lanes}{Plain.Fit(place, Math.Max(1, _placeWidth))}".TrimEnd());
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            int cut = text.LastIndexOf(' ', width);
            cut = cut < width / 2 ? width : cut;
            yield return text[..cut];
            text = "  " + text[cut..].TrimStart();
        }

        yield return text;
    }
}
