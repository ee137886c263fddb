using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Checker.Replay;
using Verify.Checker.Tracing;
using Verify.Cli.Output;
using Verify.Cli.Pictures;
using Verify.Cli.Subjects;

namespace Verify.Cli.Verbs;

/// <summary><c>verify show</c>: the picture of a failure, as text or as a page.</summary>
internal static class ShowVerb
{
    internal static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "A schedule file written by `verify check` or `verify shrink`." };
        var html = new Option<string?>("--html") { Description = "Write the picture as one HTML file that needs nothing else." };
        var all = new Option<bool>("--all") { Description = "In text, show every event, also where nothing passes between threads." };
        var width = new Option<int>("--width") { Description = "Characters a line of text may have.", DefaultValueFactory = _ => Plain.Width };
        width.Within(60, 10_000);
        var subject = new RecordedSubject.Arguments();
        var command = new Command(
            "show",
            "Replays a failing schedule and draws it: who did what where, with values, what ordered it and where it failed.\n\n"
            + "Example: verify show verify-out/flush-vs-last-tb.global-flag.schedule.json --html picture.html")
        {
            file, html, all, width,
        };
        subject.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(
            Run(parsed.GetValue(file)!, subject.Read(parsed), parsed.GetValue(html), parsed.GetValue(all), parsed.GetValue(width), cancellation)));
        return command;
    }

    private static int Run(string file, RecordedSubject.Named named, string? html, bool all, int width, CancellationToken cancellation)
    {
        if (file.EndsWith(CertificateFile.Extension, StringComparison.Ordinal))
        {
            CertificateText.WriteWhole(Console.Out, CertificateFile.Load(file));
            return ExitCodes.Expected;
        }

        Schedule schedule = ScheduleReader.Load(file);
        if (Directory.Exists(html))
        {
            throw new InputException($"--html {html} is a folder; name a file");
        }

        RecordedSubject recorded = RecordedSubject.Load(schedule, named);
        (ReplayResult result, ExecutionTrace trace) = Tracer.Replay(recorded.Body, schedule, cancellation);
        if (!result.Reproduced)
        {
            throw new InputException($"'{file}' is stale: {result.Divergence?.ToString() ?? "the same events now end differently"}; record it again");
        }

        if (html is null)
        {
            TextPicture.Write(Console.Out, trace, width, all);
            return ExitCodes.Found;
        }

        // What `check` found before it shrank it lies beside it.
        string foundFile = PictureFiles.Named(file, "found");
        Schedule? found = File.Exists(foundFile) ? ScheduleReader.Load(foundFile) : null;
        PictureFiles.WriteHtml(html, file, recorded.Body, schedule, trace, found, new SourceLines(recorded.Assemblies), cancellation);
        Console.WriteLine(html);
        return ExitCodes.Found;
    }
}
