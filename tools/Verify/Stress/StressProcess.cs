using System.Diagnostics;
using Verify.Cli.Verbs;
using Verify.Cli.Workers;

namespace Verify.Cli.Stress;

/// <summary>Another process of this program that stresses variants. A mutant may hang it or take it down; the next variant gets a new one.</summary>
internal sealed class StressProcess : IDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(60);

    private Process? _process;

    internal StressResult Run(StressRequest request)
    {
        Process process = _process ??= Start();
        var clock = Stopwatch.StartNew();
        process.StandardInput.WriteLine(WorkerJson.Write(request));
        process.StandardInput.Flush();
        var reply = Task.Run(process.StandardOutput.ReadLine);
        bool answered = reply.Wait(s_start + (2 * TimeSpan.FromSeconds(request.Seconds)));
        if (answered && reply.Result is { } line)
        {
            StressResult result = WorkerJson.Read<StressResult>(line);
            if (result.Stuck)
            {
                End();
            }

            return result;
        }

        End();
        string outcome = answered ? StressResult.Crash : StressResult.Hang;
        return new StressResult(1, clock.Elapsed.TotalSeconds, new Dictionary<string, long> { [outcome] = 1 }, 1, Stuck: true);
    }

    public void Dispose() => End();

    private void End()
    {
        _process?.Kill();
        _process?.Dispose();
        _process = null;
    }

    private static Process Start()
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (!Path.GetFileNameWithoutExtension(program).Equals("verify", StringComparison.OrdinalIgnoreCase))
        {
            // Started as `dotnet verify.dll`, or from the tests.
            start.FileName = "dotnet";
            start.ArgumentList.Add(typeof(StressProcess).Assembly.Location);
        }

        start.ArgumentList.Add(StressVerb.WorkerName);
        Process process = Process.Start(start) ?? throw new InputException($"'{program}' cannot be started");
        process.ErrorDataReceived += (_, _) => { }; // drained, or it would block
        process.BeginErrorReadLine();
        return process;
    }
}
