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

    /// <summary>Shrinks a finding and writes all that belongs to it.</summary>
    /// <returns>The schedule to report: the shrunk one, or the given one when it was not to be shrunk or could not be.</returns>
    internal static Schedule Write(
        string file, Action body, Schedule found, bool shrink, SourceLines sources, CancellationToken cancellation)
    {
        ShrinkResult? result = shrink
            ? Shrinker.Shrink(body, found, new ShrinkOptions { Budget = TimeSpan.FromSeconds(10) }, cancellation: cancellation)
            : null;
        Schedule kept = result?.Schedule ?? found;
        bool smaller = kept != found;
        ScheduleWriter.Save(kept, file);
        if (smaller)
        {
            ScheduleWriter.Save(found, Named(file, "found"));
        }

        // A finding that does not replay, such as nondeterminism, has no picture that could be trusted.
        (ReplayResult replayed, ExecutionTrace trace) = Tracer.Replay(body, kept, cancellation);
        if (replayed.Reproduced)
        {
            string page = (file.EndsWith(Suffix, StringComparison.Ordinal) ? file[..^Suffix.Length] : file) + ".html";
            WriteHtml(page, file, body, kept, trace, smaller ? found : null, sources, cancellation);
        }

        return kept;
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
