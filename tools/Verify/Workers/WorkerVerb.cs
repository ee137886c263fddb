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
        LocalBlockRunner? runner = null;
        using var end = new CancellationTokenSource();
        var work = Channel.CreateUnbounded<(WorkerRequest Request, CancellationTokenSource Cancellation)>();
        var reader = new Thread(() => ReadRequests(requests, work.Writer, end)) { IsBackground = true, Name = "requests" };
        reader.Start();
        while (!end.IsCancellationRequested && work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (work.Reader.TryRead(out var next))
            {
                replies.WriteLine(WorkerJson.Write(
                    next.Request.Load is { } load ? Load(load, out runner) : Explore(runner!, next.Request.Run!, next.Cancellation.Token)));
            }
        }
    }

    private static WorkerReply Load(LoadRequest load, out LocalBlockRunner? runner)
    {
        runner = null;
        WorkerPlacement.Use(load.Processor);
        try
        {
            ISubject subject = load.Assembly is null ? ScenarioSubject.Load(load.Mutation) : AssemblySubject.Load(load.Assembly);
            runner = new LocalBlockRunner(subject.Body);
            return new WorkerReply { Ready = true };
        }
        catch (Exception e) when (Program.IsInput(e))
        {
            return new WorkerReply { Refused = e.Message };
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
        TextReader requests, ChannelWriter<(WorkerRequest Request, CancellationTokenSource Cancellation)> work, CancellationTokenSource end)
    {
        CancellationTokenSource latest = new();
        while (requests.ReadLine() is { } line)
        {
            WorkerRequest request = WorkerJson.Read<WorkerRequest>(line);
            if (request.Cancel)
            {
                latest.Cancel();
            }
            else
            {
                latest = new CancellationTokenSource();
                work.TryWrite((request, latest));
            }
        }

        end.Cancel();
        latest.Cancel();
        work.Complete();
    }
}
