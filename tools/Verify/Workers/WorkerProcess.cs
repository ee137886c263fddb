using System.Diagnostics;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Cli.Output;

namespace Verify.Cli.Workers;

/// <summary>Another process of this program that runs blocks. A test that kills it is a finding, and the next block gets a new one.</summary>
/// <param name="load">What it runs.</param>
/// <param name="wholeStacks">Let the JIT inline nothing of the tests, at the price of speed, so that every caller is on the stack.</param>
internal sealed class WorkerProcess(LoadRequest load, bool wholeStacks = false) : IBlockRunner
{
    private LoadRequest _load = load;

    private readonly object _inputLock = new();
    private Process? _process; // its standard input: under _inputLock

    /// <summary>Has it explore another program from now on.</summary>
    internal void Load(LoadRequest load)
    {
        _load = load;
        if (_process is not null && Answer(_process) is { } died)
        {
            throw died;
        }
    }

    /// <inheritdoc/>
    public BlockResult? Run(string cell, ExplorationOptions options, Action<SearchProgress>? progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        Process process = _process ??= Start();
        Send(new WorkerRequest { Run = new RunRequest(cell, options) });
        using CancellationTokenRegistration registration = cancellation.Register(() => Send(new WorkerRequest { Cancel = true }));
        WorkerReply? reply;
        while ((reply = Receive(process)) is { Searching: { } search })
        {
            progress?.Invoke(search);
        }

        if (reply is null)
        {
            return Died(process, options, clock.Elapsed);
        }

        return reply.Refused is { } refused ? throw new InputException(refused) : reply.Result?.ToResult();
    }

    /// <summary>Shrinks or draws a finding.</summary>
    /// <returns>False when a schedule on the way killed the process, or hung it: the finding stays as it is.</returns>
    internal bool Finish(FinishRequest request, CancellationToken cancellation)
    {
        Process process = _process ??= Start();
        Send(new WorkerRequest { Finish = request });
        using CancellationTokenRegistration registration = cancellation.Register(() => Send(new WorkerRequest { Cancel = true }));
        var reply = Task.Run(() => Receive(process), CancellationToken.None);
        if (!reply.Wait(TimeSpan.FromSeconds((3 * request.Seconds) + 60), CancellationToken.None))
        {
            process.Kill();
        }

        if (reply.Result is { } finished)
        {
            return finished.Finished;
        }

        process.WaitForExit();
        process.Dispose();
        _process = null;
        return false;
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

        if (wholeStacks)
        {
            start.Environment["DOTNET_TC_CallCounting"] = "0"; // methods stay as they were compiled first, without optimization
        }

        start.ArgumentList.Add(WorkerVerb.Name);
        Process process = Process.Start(start) ?? throw new InputException($"'{program}' cannot be started; try --workers 0");
        process.ErrorDataReceived += (_, _) => { }; // drained, or it would block; what tests print there is not ours to show
        process.BeginErrorReadLine();
        _process = process;
        return Answer(process) is { } died ? throw died : process;
    }

    // Null when the program was loaded.
    private InputException? Answer(Process process)
    {
        Send(new WorkerRequest { Load = _load });
        if (Receive(process) is { } reply)
        {
            return reply.Refused is { } refused ? new InputException(refused) : null;
        }

        process.WaitForExit();
        _process = null;
        return new InputException($"a worker process ended with exit code {process.ExitCode} before its first test; try --workers 0");
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
