namespace Verify.Checker.Runtime;

/// <summary>
/// Runs test bodies under schedulers, one execution after another, on pooled threads. Not thread-safe: one at a time, made and disposed on the
/// thread that executes.
/// </summary>
/// <param name="watchdog">On whose thread that is; without one, a thread that blocks outside control blocks the caller.</param>
internal sealed class ControlledRun(Watchdog? watchdog = null) : IDisposable
{
    private readonly OneProcessor _processor = new(); // before the pool: workers inherit it
    private readonly WorkerPool _pool = new();
    private readonly Gate _mainGate = new();

    /// <summary>Events and digest of the latest execution; overwritten by the next.</summary>
    internal StepLog Log { get; } = new();

    /// <summary>The latest execution, or null before the first.</summary>
    internal Execution? Latest { get; private set; }

    internal Execution Execute(
        Action body, IScheduler scheduler, int maxSteps, CancellationToken cancellation = default, IExecutionWatch? watch = null)
    {
        Log.Clear();
        var execution = new Execution(_pool, _mainGate, scheduler, Log, maxSteps, cancellation) { Watch = watch };
        Latest = execution;
        watchdog?.Watch(execution);
        execution.Run(body);
        return execution;
    }

    public void Dispose()
    {
        _pool.Dispose();
        _mainGate.Dispose();
        _processor.Dispose();
    }
}
