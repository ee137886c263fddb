using System.Diagnostics;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Cli.Output;

namespace Verify.Cli.Workers;

/// <summary>Another process of this program that runs blocks. A test that kills it is a finding, and the next block gets a new one.</summary>
internal sealed class WorkerProcess(LoadRequest load) : IBlockRunner
{
    private readonly object _inputLock = new();
    private Process? _process; // its standard input: under _inputLock

    /// <inheritdoc/>
    public BlockResult? Run(string cell, ExplorationOptions options, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        Process process = _process ??= Start();
        Send(new WorkerRequest { Run = new RunRequest(cell, options) });
        using CancellationTokenRegistration registration = cancellation.Register(() => Send(new WorkerRequest { Cancel = true }));
        if (Receive(process) is not { } reply)
        {
            return Died(process, options, clock.Elapsed);
        }

        return reply.Refused is { } refused ? throw new InputException(refused) : reply.Result?.ToResult();
    }

    public void Dispose()
    {
        if (_process is null)
        {
            return;
        }

        lock (_inputLock)
        {
            _process.StandardInput.Close(); // it ends at the end of its input
        }

        if (!_process.WaitForExit(TimeSpan.FromSeconds(2)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private Process Start()
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        }

        start.ArgumentList.Add(WorkerVerb.Name);
        Process process = Process.Start(start) ?? throw new InputException($"'{program}' cannot be started; try --workers 0");
        process.ErrorDataReceived += (_, _) => { }; // drained, or it would block; what tests print there is not ours to show
        process.BeginErrorReadLine();
        _process = process;
        Send(new WorkerRequest { Load = load });
        WorkerReply? reply = Receive(process);
        if (reply is null)
        {
            process.WaitForExit();
            throw new InputException($"a worker process ended with exit code {process.ExitCode} before its first test; try --workers 0");
        }

        return reply.Refused is { } refused ? throw new InputException(refused) : process;
    }

    private void Send(WorkerRequest request)
    {
        lock (_inputLock)
        {
            try
            {
                _process!.StandardInput.WriteLine(WorkerJson.Write(request));
                _process.StandardInput.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // It has died; the reader sees the end of its output.
            }
        }
    }

    private static WorkerReply? Receive(Process process) =>
        process.StandardOutput.ReadLine() is { } line ? WorkerJson.Read<WorkerReply>(line) : null;

    private BlockResult Died(Process process, ExplorationOptions options, TimeSpan elapsed)
    {
        process.WaitForExit();
        string message = $"the process that ran the test died with exit code {process.ExitCode}; "
            + $"see it happen with --workers 0 --explore {options.Strategy} --seed {options.Seed} --schedules {options.Schedules}";
        process.Dispose();
        _process = null;
        return new BlockResult { Seconds = elapsed.TotalSeconds, Failure = new Failure(FailureKind.Crash, Plain.OneLine(message), -1, "") };
    }
}
