using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

/// <summary>Runs test bodies under schedulers, one execution after another, on pooled threads.</summary>
/// <remarks>Not thread-safe: one at a time, made and disposed on the thread that executes.</remarks>
internal sealed class ControlledRun : IDisposable
{
    private const int MostAttempts = 12;

    private readonly OneProcessor _processor = new(); // before the pool: workers inherit it
    private readonly WorkerPool _pool = new();
    private readonly Gate _mainGate = new();
    private readonly CollectionHold? _hold;
    private readonly Watchdog? _watchdog;

    /// <param name="watchdog">On whose thread that is; without one, a thread that blocks outside control blocks the caller.</param>
    /// <param name="memory">Memory model and race detection.</param>
    /// <param name="trackStates">Whether states of executions are to be compared.</param>
    /// <param name="holdStill">Whether objects should stay where they are during an execution.</param>
    internal ControlledRun(Watchdog? watchdog = null, MemoryOptions? memory = null, bool trackStates = false, bool holdStill = false)
    {
        _watchdog = watchdog;
        Options = memory ?? MemoryOptions.Default;
        if (Options.IsModelled || trackStates)
        {
            Memory = new ModelledMemory(Options, trackStates);
        }

        if (Memory is not null || holdStill)
        {
            _hold = new CollectionHold();
        }
    }

    internal MemoryOptions Options { get; }

    /// <summary>What accesses go through; null where they are ordinary ones.</summary>
    internal ModelledMemory? Memory { get; }

    /// <summary>Events and digest of the latest execution; overwritten by the next.</summary>
    internal StepLog Log { get; } = new();

    /// <summary>The latest execution, or null before the first.</summary>
    internal Execution? Latest { get; private set; }

    /// <summary>Executions that a garbage collection disturbed and that were run again.</summary>
    internal long Repeated { get; private set; }

    /// <summary>Runs the body once.</summary>
    /// <param name="body">What to run.</param>
    /// <param name="scheduler">Decides; if it answers the memory machine too, it is asked for that as well.</param>
    /// <param name="maxSteps">Step bound.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <param name="watch">Told of what happens, or null.</param>
    /// <param name="weak">Answers the memory machine instead; by default memory is sequentially consistent.</param>
    internal Execution Execute(
        Action body,
        IScheduler scheduler,
        int maxSteps,
        CancellationToken cancellation = default,
        IExecutionWatch? watch = null,
        IWeakChoices? weak = null)
    {
        if (ControlledThread.Current is not null)
        {
            throw new InvalidOperationException("A controlled execution cannot start another one; call it from an uncontrolled thread.");
        }

        weak ??= scheduler as IWeakChoices ?? SequentialChoices.Instance;
        IScheduler now = scheduler;
        IWeakChoices weakNow = weak;
        Step[] done = [];
        int questions = 0;
        for (int attempt = 0; ; attempt++)
        {
            if (_hold is not null)
            {
                CollectionHold.Renew(attempt);
            }

            Log.Clear();
            var execution = new Execution(_pool, _mainGate, now, Log, maxSteps, cancellation, Memory, weakNow, Options.PlainPoints) { Watch = watch };
            Latest = execution;
            _watchdog?.Watch(execution);
            execution.Run(body);
            if (!execution.Disturbed)
            {
                return execution;
            }

            if (attempt == MostAttempts)
            {
                throw new GarbageCollectedException();
            }

            Repeated++;
            if (now is not ResumedScheduler { IsRepeating: true })
            {
                done = Log.Steps.ToArray();
                questions = execution.Questions;
            }

            now = new ResumedScheduler(done, questions, scheduler, weak);
            weakNow = (IWeakChoices)now;
        }
    }

    public void Dispose()
    {
        _hold?.Dispose();
        _pool.Dispose();
        _mainGate.Dispose();
        _processor.Dispose();
    }
}
