using System.CommandLine;
using System.Threading.Channels;
using Verify.Checker.Campaigns;
using Verify.Cli.Pictures;
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
        SubjectPair? subject = null;
        using var end = new CancellationTokenSource();
        var work = Channel.CreateUnbounded<(WorkerRequest Request, CancellationTokenSource Cancellation)>();
        var reader = new Thread(() => ReadRequests(requests, work.Writer, end)) { IsBackground = true, Name = "requests" };
        reader.Start();
        while (!end.IsCancellationRequested && work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (work.Reader.TryRead(out var next))
            {
                WorkerReply reply;
                try
                {
                    reply = next.Request switch
                    {
                        { Load: { } load } => Load(load, out subject),
                        { Finish: { } finding } => Finish(subject!, finding, next.Cancellation.Token),
                        _ => Explore(subject!, next.Request.Run!, replies, next.Cancellation.Token),
                    };
                }
                catch (Exception e) when (Program.IsInput(e))
                {
                    reply = new WorkerReply { Refused = e.Message };
                }

                replies.WriteLine(WorkerJson.Write(reply));
            }
        }
    }

    private static WorkerReply Load(LoadRequest load, out SubjectPair? subject)
    {
        WorkerPlacement.Use(load.Processor);
        subject = new SubjectPair(plain => load.Assembly is null ? ScenarioSubject.Load(plain, load.Mutation) : AssemblySubject.Load(load.Assembly, plain));
        return new WorkerReply { Ready = true };
    }

    private static WorkerReply Explore(SubjectPair subject, RunRequest request, StreamWriter replies, CancellationToken cancellation)
    {
        using var runner = new LocalBlockRunner((cell, options) => subject.Body(cell, options.Memory.NeedsPlainAccesses));
        BlockResult? result = runner.Run(
            request.Cell, request.Options, at => replies.WriteLine(WorkerJson.Write(new WorkerReply { Searching = at })), cancellation);
        return result is null ? new WorkerReply { Cancelled = true } : new WorkerReply { Result = WorkerResult.Of(result) };
    }

    private static WorkerReply Finish(SubjectPair subject, FinishRequest request, CancellationToken cancellation)
    {
        if (request.Draw)
        {
            PictureFiles.Draw(request.File, subject.Body(request.Cell, request.PlainAccesses), new SourceLines(subject.Assemblies(request.PlainAccesses)));
        }
        else
        {
            PictureFiles.Shrink(request.File, subject.Body(request.Cell, request.PlainAccesses), TimeSpan.FromSeconds(request.Seconds), cancellation);
        }

        return new WorkerReply { Finished = true };
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
