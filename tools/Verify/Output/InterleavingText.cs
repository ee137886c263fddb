using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Cli.Output;

/// <summary>A schedule as text: time runs down, a column a thread, one event a line with its source line.</summary>
internal static class InterleavingText
{
    private const int ColumnWidth = 34;
    private const int MostColumns = 4; // wider than that wraps in every terminal; then one list with thread names

    /// <summary>Writes the events, at most <paramref name="most"/> of them: the last ones, where the failure is.</summary>
    internal static void Write(TextWriter to, Schedule schedule, int most = int.MaxValue)
    {
        bool columns = schedule.Threads.Count <= MostColumns;
        int first = Math.Max(0, schedule.Steps.Count - most);
        if (columns)
        {
            to.WriteLine("      " + string.Concat(schedule.Threads.Select(t => Plain.Fit(t, ColumnWidth - 2).PadRight(ColumnWidth))).TrimEnd());
        }

        if (first > 0)
        {
            to.WriteLine($"      … {first} earlier events; --all shows them");
        }

        for (int i = first; i < schedule.Steps.Count; i++)
        {
            Step step = schedule.Steps[i];
            string what = Describe(schedule, step);
            string line = columns
                ? new string(' ', step.Thread * ColumnWidth) + what
                : Plain.Fit(schedule.Threads[step.Thread], 16).PadRight(18) + what;
            to.WriteLine($"{i + 1,5} {line}");
        }

        int thread = schedule.Failure.Thread;
        string who = thread >= 0 && thread < schedule.Threads.Count ? schedule.Threads[thread] + ": " : "";
        to.WriteLine($"    → {Plain.OneLine(who + schedule.Failure.Message)}");
    }

    private static string Describe(Schedule schedule, in Step step)
    {
        Site site = schedule.Sites[step.Site];
        string what = step.Kind switch
        {
            OperationKind.ThreadBegin => step.Thread == 0 ? "begins" : "begins, started",
            OperationKind.Choice => "chooses " + step.Value,
            _ => site.Operation,
        };
        return Plain.Fit(step is { Kind: OperationKind.ThreadBegin, Thread: 0 } ? what : what + " " + site.Place, ColumnWidth - 1);
    }
}
