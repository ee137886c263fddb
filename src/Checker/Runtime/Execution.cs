using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;
using Verify.Checker.Replay;

namespace Verify.Checker.Runtime;

/// <summary>One run of the test body under one scheduler: who can run, who runs, and what happened.</summary>
/// <remarks>
/// Exactly one controlled thread runs at a time: the baton holder. Everything here is touched by the baton holder only, and the
/// hand-over through <see cref="Gate"/> orders it, so there are no locks on this path.
/// A thread posts what it is about to do, the scheduler chooses among the enabled threads, and the chosen one performs its posted
/// operation: one decision, one event.
/// </remarks>
internal sealed partial class Execution
{
    private readonly WorkerPool _pool;
    private readonly IScheduler _scheduler;
    private readonly StepLog _log;
    private readonly int _maxSteps;
    private readonly CancellationToken _cancellation;
    private readonly List<ControlledThread> _threads = [];
    private readonly Gate _mainGate;
    private PendingOperation[] _pending = new PendingOperation[8];
    private int[] _enabled = new int[8]; // ascending, the first _enabledCount are valid
    private int _enabledCount;
    private int _enabledVersion;
    private int _current;
    private int _unfinished;
    private bool _aborting;
    private int _progress; // for the watchdog: decisions and ends of threads
    private ControlledThread? _running; // holds the baton, unwinding included

    internal Execution(WorkerPool pool, Gate mainGate, IScheduler scheduler, StepLog log, int maxSteps, CancellationToken cancellation,
        ModelledMemory? memory = null, IWeakChoices? weak = null, bool plainPoints = false)
    {
        _pool = pool;
        _mainGate = mainGate;
        _scheduler = scheduler;
        _log = log;
        _maxSteps = maxSteps;
        _cancellation = cancellation;
        Memory = memory;
        PlainPoints = plainPoints;
        _weak = weak ?? SequentialChoices.Instance;
    }

    /// <summary>Told of what happens, on a replay that is to be shown or compared; null while exploring.</summary>
    internal IExecutionWatch? Watch { get; init; }

    internal Failure? Failure { get; private set; }

    internal bool Cancelled { get; private set; }

    internal int Steps { get; private set; }

    /// <summary>Events so far.</summary>
    internal int Events => _log.Count;

    /// <summary>Site of the latest event; 0 before the first.</summary>
    internal int LatestSite => _log.Count > 0 ? _log.Steps[^1].Site : 0;

    internal IReadOnlyList<ControlledThread> Threads => _threads;

    internal int PeakThreads => _threads.Count;

    /// <summary>A scheduling point: returns when the calling thread has been chosen and its operation is the next event.</summary>
    internal void Point(ControlledThread self, OperationKind kind, nuint address, int site)
    {
        if (_aborting)
        {
            AbortPoint(self);
            return;
        }

        _pending[self.Id] = new PendingOperation(kind, address, site);
        Schedule(self);
        Commit(self);
        if (_freedBlocks != 0 && kind is OperationKind.VolatileRead or OperationKind.VolatileWrite or OperationKind.Interlocked
            or OperationKind.PlainRead or OperationKind.PlainWrite)
        {
            CheckAlive(self, address, 1, site);
        }
    }

    /// <summary>A choice that is not about threads; recorded and replayed like one.</summary>
    internal int Choose(ControlledThread self, int count, int site)
    {
        if (_aborting || count < 2)
        {
            return 0;
        }

        int answer = _scheduler.ChooseValue(count, self.Id, site);
        var step = new Step(self.Id, site, OperationKind.Choice, answer);
        _log.Add(step);
        _question = 0;
        Memory?.States?.Event(step);
        return answer;
    }

    // Decides who performs the next event; returns when it is self's turn.
    private void Schedule(ControlledThread self)
    {
        ControlledThread? next = ChooseNext(self);
        if (next is null)
        {
            throw BeginUnwinding(self);
        }

        if (next != self)
        {
            next.Gate.Open();
            self.Gate.Wait();
            _running = self;
            if (_aborting)
            {
                throw BeginUnwinding(self);
            }
        }
    }

    // Null when the execution ends here: deadlock, step bound, cancellation, or a scheduler that gave up.
    private ControlledThread? ChooseNext(ControlledThread last)
    {
        if (_reportedFromOutside is { } reported)
        {
            Fail(reported);
            return null;
        }

        while (_enabledCount == 0)
        {
            if (!FireTimeout())
            {
                Fail(DescribeDeadlock());
                return null;
            }
        }

        _progress++;
        if (++Steps > _maxSteps)
        {
            Fail(DescribeEndlessness(last));
            return null;
        }

        if (Steps % FairStepsToTimeOut == 0 && Steps >= _maxSteps / 2)
        {
            FireTimeout();
        }

        if ((Steps & 0xfff) == 0 && _cancellation.IsCancellationRequested)
        {
            Cancelled = true;
            _aborting = true;
            return null;
        }

        int id;
        try
        {
            id = _scheduler.ChooseThread(
                new SchedulingPoint(Steps, _current, _enabled.AsSpan(0, _enabledCount), _pending.AsSpan(0, _threads.Count), _enabledVersion, this));
        }
        catch (ScheduleDivergedException e)
        {
            Divergence = e.Divergence;
            _aborting = true;
            return null;
        }

        _current = id;
        return _threads[id];
    }

    internal Divergence? Divergence { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(ControlledThread self)
    {
        ref PendingOperation done = ref _pending[self.Id];
        var step = new Step(self.Id, done.Site, done.Kind, 0);
        _log.Add(step, done.Address);
        _question = 0;
        Memory?.States?.Event(step);
        if (done.Kind == OperationKind.Yield)
        {
            TimePasses();
        }
    }

    private void Enable(ControlledThread thread)
    {
        Span<int> enabled = _enabled.AsSpan(0, _enabledCount);
        int at = enabled.BinarySearch(thread.Id);
        if (at < 0)
        {
            at = ~at;
            Array.Copy(_enabled, at, _enabled, at + 1, _enabledCount - at);
            _enabled[at] = thread.Id;
            _enabledCount++;
            _enabledVersion++;
        }
    }

    private void Disable(ControlledThread thread)
    {
        int at = _enabled.AsSpan(0, _enabledCount).BinarySearch(thread.Id);
        if (at >= 0)
        {
            _enabledCount--;
            Array.Copy(_enabled, at + 1, _enabled, at, _enabledCount - at);
            _enabledVersion++;
        }
    }

    internal void Fail(Failure failure, Exception? exception = null)
    {
        if (Failure is null)
        {
            Failure = failure;
            Watch?.Failed(this, failure, exception);
        }

        _aborting = true;
    }

    /// <summary>What the thread does next, or waits to do.</summary>
    internal PendingOperation Pending(int thread) => _pending[thread];
}
