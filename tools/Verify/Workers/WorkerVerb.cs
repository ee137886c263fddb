using System.CommandLine;
using System.Threading.Channels;
using Verify.Checker.Campaigns;
using Verify.Cli.Subjects;

namespace Verify.Cli.Workers;

/// <summary>The other end of <see cref="WorkerProcess"/>: reads requests from standard input until it ends.</summary>
internal static class WorkerVerb
{
    internal const string Name = "worker";

    internal static Command Make()
    {
        var command = new Command(Name, "Runs blocks for another verify process.") { Hidden = true };
        command.SetAction(async (_, _) =>
        {
            await using var replies = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
            Console.SetOut(TextWriter.Null); // tests may print; the stream is the protocol's
            Run(Console.In, replies);
            return ExitCodes.Expected;
        });
        return command;
    }

    private static void Run(TextReader requests, StreamWriter replies)
    {
        if (requests.ReadLine() is not { } first || WorkerJson.Read<WorkerRequest>(first).Load is not { } load)
        {
            return;
        }

        WorkerPlacement.Use(load.Processor);
        ISubject subject;
        try
        {
            subject = load.Assembly is null ? ScenarioSubject.Load() : AssemblySubject.Load(load.Assembly);
        }
        catch (Exception e) when (Program.IsInput(e))
        {
            Reply(replies, new WorkerReply { Refused = e.Message });
            return;
        }

        Reply(replies, new WorkerReply { Ready = true });
        using var runner = new LocalBlockRunner(subject.Body);
        using var end = new CancellationTokenSource();
        var runs = Channel.CreateUnbounded<(RunRequest Request, CancellationTokenSource Cancellation)>();
        var reader = new Thread(() => ReadRequests(requests, runs.Writer, end)) { IsBackground = true, Name = "requests" };
        reader.Start();
        while (!end.IsCancellationRequested && runs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (runs.Reader.TryRead(out var run))
            {
                Reply(replies, Explore(runner, run.Request, run.Cancellation.Token));
            }
        }
    }

    private static WorkerReply Explore(LocalBlockRunner runner, RunRequest request, CancellationToken cancellation)
    {
        try
        {
            BlockResult? result = runner.Run(request.Cell, request.Options, cancellation);
            return result is null ? new WorkerReply { Cancelled = true } : new WorkerReply { Result = WorkerResult.Of(result) };
        }
        catch (Exception e) when (Program.IsInput(e))
        {
            return new WorkerReply { Refused = e.Message };
        }
    }

    // Requests come one at a time, so the latest run is the one a cancellation means.
    private static void ReadRequests(
        TextReader requests, ChannelWriter<(RunRequest Request, CancellationTokenSource Cancellation)> runs, CancellationTokenSource end)
    {
        CancellationTokenSource latest = new();
        while (requests.ReadLine() is { } line)
        {
            WorkerRequest request = WorkerJson.Read<WorkerRequest>(line);
            if (request.Run is { } run)
            {
                latest = new CancellationTokenSource();
                runs.TryWrite((run, latest));
            }
            else if (request.Cancel)
            {
                latest.Cancel();
            }
        }

        end.Cancel();
        latest.Cancel();
        runs.Complete();
    }

    private static void Reply(StreamWriter replies, WorkerReply reply) => replies.WriteLine(WorkerJson.Write(reply));
}
