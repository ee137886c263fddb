using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Verify.Checker.Explanation;
using Verify.Checker.Replay;
using Verify.Checker.Tracing;
using Verify.Cli.Output;
using Verify.Cli.Pictures;
using Verify.Cli.Subjects;

namespace Verify.Cli.Verbs;

/// <summary><c>verify replay</c>: runs a recorded schedule again and shows it.</summary>
internal static class ReplayVerb
{
    internal static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "A schedule file written by `verify check`." };
        var times = new Option<int>("--times") { Description = "Replay so many times; every digest must be the same.", DefaultValueFactory = _ => 1 };
        var all = new Option<bool>("--all") { Description = "Print every event, also where nothing passes between threads." };
        var quiet = new Option<bool>("--quiet") { Description = "Print the verdict only." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var subject = new RecordedSubject.Arguments();
        var stop = new Option<bool>("--break") { Description = "Wait for a debugger and stop it where the failure is thrown." };
        times.Within(1, int.MaxValue);
        var command = new Command(
            "replay",
            "Replays a failing schedule exactly and prints the interleaving. Exit code 1: the failure was reproduced; 2: the program has changed.\n\n"
            + "Example: verify replay verify-out/flush-vs-last-tb.global-flag.schedule.json")
        {
            file, times, all, quiet, json, stop,
        };
        subject.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(file)!,
            subject.Read(parsed),
            parsed.GetValue(times), parsed.GetValue(all), parsed.GetValue(quiet), parsed.GetValue(json), parsed.GetValue(stop), cancellation)));
        return command;
    }

    private static int Run(string file, RecordedSubject.Named named, int times, bool all, bool quiet, bool json, bool stop, CancellationToken cancellation)
    {
        Schedule schedule = ScheduleReader.Load(file);
        (Action body, IReadOnlyDictionary<string, string> modules, _) = RecordedSubject.Load(schedule, named);
        string[] changed = [.. schedule.Modules.Where(m => modules.GetValueOrDefault(m.Key) != m.Value).Select(m => m.Key).Order()];
        if (stop && !WaitForDebugger(cancellation))
        {
            return ExitCodes.Interrupted;
        }

        var digests = new HashSet<ulong>();
        ReplayResult result = new();
        int done = 0;
        for (; done < times && !cancellation.IsCancellationRequested; done++)
        {
            result = stop ? Replayer.Replay(body, schedule, Debugger.Break, cancellation) : Replayer.Replay(body, schedule, cancellation);
            if (cancellation.IsCancellationRequested)
            {
                break;
            }

            digests.Add(result.Digest);
            if (!result.Reproduced)
            {
                ReplayResult realigned = Replayer.Realign(body, schedule, cancellation);
                return realigned.Reproduced ? ReportRealigned(file, result, realigned, json) : throw new InputException(Stale(file, changed, result));
            }
        }

        if (done == 0)
        {
            return ExitCodes.Interrupted;
        }

        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    test = schedule.Test,
                    variant = schedule.Variant,
                    reproduced = true,
                    replays = done,
                    digests = digests.Select(d => d.ToString("x16")),
                    changedModules = changed,
                    failure = new { kind = schedule.Failure.Kind.ToString(), message = schedule.Failure.Message },
                },
                Output.Json.Options));
        }
        else
        {
            if (!quiet)
            {
                (_, ExecutionTrace trace) = Tracer.Replay(body, schedule, cancellation);
                TextPicture.Write(Console.Out, trace, Plain.Width, all);
                if (schedule.Memory.Machine.Model.StaleReads)
                {
                    foreach (string line in WeakExplainer.Explain(body, schedule).Lines)
                    {
                        Console.WriteLine(Plain.OneLine(line));
                    }
                }
            }

            if (changed.Length > 0)
            {
                Console.WriteLine($"Note: {string.Join(", ", changed)} changed since the recording; its events are still the same.");
            }

            Console.WriteLine(
                $"Reproduced {schedule.Failure.Kind} in {schedule.Test}, {schedule.Variant}: {done} of {done} replays, digest {schedule.Digest:x16}.");
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted : ExitCodes.Found;
    }

    private static bool WaitForDebugger(CancellationToken cancellation)
    {
        if (!Debugger.IsAttached)
        {
            Console.Error.WriteLine($"Attach a debugger to process {Environment.ProcessId}; Ctrl-C ends the wait.");
        }

        while (!Debugger.IsAttached && !cancellation.IsCancellationRequested)
        {
            Thread.Sleep(100);
        }

        return !cancellation.IsCancellationRequested;
    }

    private static int ReportRealigned(string file, ReplayResult exact, ReplayResult realigned, bool json)
    {
        string failure = Plain.OneLine(realigned.Failure!.Message);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    reproduced = true,
                    realigned = true,
                    newEvents = realigned.NewEvents,
                    goneEvents = realigned.GoneEvents,
                    failure = new { kind = realigned.Failure.Kind.ToString(), message = realigned.Failure.Message },
                },
                Output.Json.Options));
        }
        else
        {
            Console.WriteLine(
                $"The program has changed since '{file}' was recorded ({exact.Divergence}), but the schedule still fits: "
                + $"{realigned.NewEvents} events are new, {realigned.GoneEvents} are gone, and it ends with {realigned.Failure.Kind}: {failure}. "
                + "Record it again with `verify check` or `verify test`.");
        }

        return ExitCodes.Found;
    }

    private static string Stale(string file, string[] changed, ReplayResult result)
    {
        string why = changed.Length > 0 ? $" ({string.Join(", ", changed)} changed since the recording)" : "";
        string first = result.Divergence is { } divergence ? divergence.ToString() : "the same events now end differently";
        return $"'{file}' is stale{why}: {first}; record it again with `verify check`";
    }
}
