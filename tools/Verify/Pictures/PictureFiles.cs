using Verify.Checker.Replay;
using Verify.Checker.Shrinking;
using Verify.Checker.Tracing;

namespace Verify.Cli.Pictures;

/// <summary>What a finding leaves on disk: the schedule as found, the shrunk one under the plain name, and the picture of both.</summary>
internal static class PictureFiles
{
    private const string Suffix = ".schedule.json";

    // Past it the page is still right, but too large to be opened with pleasure.
    private const int MostEvents = 100_000;

    /// <summary>The path with a word before its <c>.schedule.json</c>.</summary>
    internal static string Named(string file, string word) =>
        (file.EndsWith(Suffix, StringComparison.Ordinal) ? file[..^Suffix.Length] : Path.ChangeExtension(file, null)) + "." + word + Suffix;

    /// <summary>What may be relied on of a shrunk schedule.</summary>
    internal static string Guarantee(ShrinkResult result) =>
        result.Fewest ? "No schedule with fewer preemptions fails in this way."
        : result.Minimal ? "No single preemption can be dropped."
        : "Stopped early: more may be possible.";

    /// <summary>Shrinks the schedule in a file in place, and keeps the one that was found beside it.</summary>
    /// <param name="file">The schedule file.</param>
    /// <param name="body">Its test.</param>
    /// <param name="limit">Most time to spend.</param>
    /// <param name="cancellation">Ends it early; the best so far is kept.</param>
    internal static void Shrink(string file, Action body, TimeSpan limit, CancellationToken cancellation)
    {
        Schedule found = ScheduleReader.Load(file);
        ShrinkResult result = Shrinker.Shrink(body, found, new ShrinkOptions { Budget = limit }, cancellation: cancellation);
        if (result.Refused is null && result.After.CompareTo(result.Before) < 0)
        {
            ScheduleWriter.Save(found, Named(file, "found"));
            ScheduleWriter.Save(result.Schedule, file);
        }
    }

    /// <summary>Draws the schedule in a file, and the one that was found beside it, if there is one.</summary>
    internal static void Draw(string file, Action body, SourceLines sources)
    {
        Schedule schedule = ScheduleReader.Load(file);
        string foundFile = Named(file, "found");
        Schedule? found = File.Exists(foundFile) ? ScheduleReader.Load(foundFile) : null;

        // A finding that does not replay has no picture that could be trusted.
        (ReplayResult replayed, ExecutionTrace trace) = Tracer.Replay(body, schedule);
        if (replayed.Reproduced)
        {
            string page = (file.EndsWith(Suffix, StringComparison.Ordinal) ? file[..^Suffix.Length] : file) + ".html";
            WriteHtml(page, file, body, schedule, trace, found, sources, CancellationToken.None);
        }
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    internal static void WriteHtml(
        string page,
        string file,
        Action body,
        Schedule schedule,
        ExecutionTrace trace,
        Schedule? found,
        SourceLines sources,
        CancellationToken cancellation)
    {
        var traces = new List<(string Name, ExecutionTrace Trace)> { (found is null ? "As found" : "Shrunk", trace) };
        if (found is { Steps.Count: <= MostEvents })
        {
            (ReplayResult replayed, ExecutionTrace whole) = Tracer.Replay(body, found, cancellation);
            if (replayed.Reproduced)
            {
                traces.Add(("As found", whole));
            }
        }

        string full = Path.GetFullPath(page);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string partial = full + "." + Environment.ProcessId + ".partial";
        File.WriteAllText(partial, HtmlPicture.Make(schedule, "verify replay " + Path.GetFileName(file), traces, sources));
        File.Move(partial, full, overwrite: true);
    }
}
