using System.CommandLine;
using System.Text.Json;
using Verify.Checker.Replay;
using Verify.Checker.Shrinking;
using Verify.Cli.Pictures;
using Verify.Cli.Subjects;

namespace Verify.Cli.Verbs;

/// <summary><c>verify shrink</c>: makes a failing schedule as small as it can be.</summary>
internal static class ShrinkVerb
{
    internal static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "A schedule file written by `verify check`." };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write it; FILE with `.shrunk` in its name unless given." };
        var seconds = new Option<int>("--seconds") { Description = "Most time to spend.", DefaultValueFactory = _ => 60 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        seconds.Within(1, 1_000_000);
        var subject = new RecordedSubject.Arguments();
        var command = new Command(
            "shrink",
            "Shrinks a failing schedule until no preemption can be dropped, and replays what is left twice. Ctrl-C keeps the best so far. "
            + "Exit code 1: there is a failure, shrunk or not; 2: the schedule does not replay.\n\n"
            + "Example: verify shrink verify-out/flush-vs-last-tb.global-flag.found.schedule.json")
        {
            file, output, seconds, json,
        };
        subject.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(file)!,
            subject.Read(parsed),
            parsed.GetValue(output),
            parsed.GetValue(seconds),
            parsed.GetValue(json),
            cancellation)));
        return command;
    }

    private static int Run(string file, RecordedSubject.Named named, string? output, int seconds, bool json, CancellationToken cancellation)
    {
        Schedule schedule = ScheduleReader.Load(file);
        string target = output ?? PictureFiles.Named(file, "shrunk");
        if (Directory.Exists(target))
        {
            throw new InputException($"--output {target} is a folder; name a file");
        }

        RecordedSubject recorded = RecordedSubject.Load(schedule, named);
        bool terminal = !Console.IsErrorRedirected && !json;
        ShrinkResult result = Shrinker.Shrink(
            recorded.Body,
            schedule,
            new ShrinkOptions { Budget = TimeSpan.FromSeconds(seconds) },
            size =>
            {
                if (terminal)
                {
                    Console.Error.Write($"\r{size}          ");
                }
            },
            cancellation);
        if (terminal)
        {
            Console.Error.Write("\r" + new string(' ', 60) + "\r");
        }

        if (result.Refused is { } why)
        {
            throw new InputException($"'{file}' cannot be shrunk: {why}");
        }

        ScheduleWriter.Save(result.Schedule with { Modules = recorded.Modules }, target);
        if (json)
        {
            object Size(ScheduleSize s) => new { preemptions = s.Preemptions, answers = s.Answers, switches = s.Switches, events = s.Events };
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    before = Size(result.Before),
                    after = Size(result.After),
                    minimal = result.Minimal,
                    fewest = result.Fewest,
                    runs = result.Runs,
                    seconds = Math.Round(result.Elapsed.TotalSeconds, 3),
                    file = target,
                },
                Output.Json.Options));
        }
        else
        {
            Console.WriteLine($"from {result.Before}");
            Console.WriteLine($"to   {result.After}");
            Console.WriteLine(PictureFiles.Guarantee(result) + $" ({result.Runs:N0} runs, {result.Elapsed.TotalSeconds:F1} s)");
            Console.WriteLine($"verify replay {target}{named.ReplayOptions}");
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted : ExitCodes.Found;
    }
}
