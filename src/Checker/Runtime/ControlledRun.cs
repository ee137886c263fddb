namespace Verify.Checker.Runtime;

/// <summary>Runs test bodies under schedulers, one execution after another, on pooled threads. Not thread-safe: one at a time, made and disposed on the thread that executes.</summary>
internal sealed class ControlledRun : IDisposable
{
    private readonly OneProcessor _processor = new(); // before the pool: workers inherit it
    private readonly WorkerPool _pool = new();
    private readonly Gate _mainGate = new();

    /// <summary>Events and digest of the latest execution; overwritten by the next.</summary>
    internal StepLog Log { get; } = new();

    internal Execution Execute(
        Action body, IScheduler scheduler, int maxSteps, CancellationToken cancellation = default, IExecutionWatch? watch = null)
    {
        if (ControlledThread.Current is not null)
        {
            throw new InvalidOperationException("A controlled execution cannot start another one; call it from an uncontrolled thread.");
        }

        Log.Clear();
        var execution = new Execution(_pool, _mainGate, scheduler, Log, maxSteps, cancellation) { Watch = watch };
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
