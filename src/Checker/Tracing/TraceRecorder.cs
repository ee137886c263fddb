using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Sits between an execution and its scheduler and notes all that a picture needs. Not used while exploring.</summary>
/// <remarks>
/// When a scheduler is asked, the thread that asks has just posted its next operation: that is when its stack is taken. The thread that is chosen
/// performs its operation before anyone asks again, so decisions and events are one to one.
/// </remarks>
internal sealed unsafe class TraceRecorder : IScheduler, IExecutionWatch, IMemoryWatch, IDisposable
{
    private readonly IScheduler _inner;
    private readonly FailureWatch _failure;
    private readonly ValueText _values = new();
    private readonly List<RecordedEvent> _events = [];
    private readonly List<TraceFrame[]> _stacks = [];
    private readonly Dictionary<TraceFrame[], int> _stackNumbers = new(new SameFrames());
    private readonly Dictionary<int, Posted> _posted = []; // by thread, what it asked for last
    private readonly Dictionary<(int Thread, long Time), int> _writes = []; // under a memory model, the event of each write
    private Action? _settle; // reads what an atomic operation left; the operation has ended by the next event
    private bool _over;

    internal TraceRecorder(IScheduler inner)
    {
        _inner = inner;
        _failure = new FailureWatch(this);
    }

    internal readonly record struct Posted(int Stack, int After, bool Blocked);

    internal sealed record RecordedEvent(int Thread, OperationKind Kind, nuint Address, Site Site, int Stack, int WaitedSince, bool Preempts)
    {
        internal string? Before { get; set; }

        internal string? Value { get; set; }

        /// <summary>The event whose write it returned; -1 for a value that no event wrote. Null when memory is not modelled, or did not say.</summary>
        internal int? ReadsFrom { get; set; }

        /// <summary>Whether there was a newer value.</summary>
        internal bool IsOld { get; set; }
    }

    internal IReadOnlyList<RecordedEvent> Events => _events;

    internal IReadOnlyList<TraceFrame[]> Stacks => _stacks;

    internal Throw? Origin => _failure.Origin;

    internal int OriginStack => Origin is { } origin ? Number(origin.Stack) : -1;

    /// <summary>Threads that had not ended when the failure came, with what they were about to do.</summary>
    internal List<(int Thread, PendingOperation Operation, Posted Posted, string WaitsFor)> Standing { get; } = [];

    public int ChooseThread(in SchedulingPoint point)
    {
        Settle();
        if (ControlledThread.Current is { } self)
        {
            bool blocked = point.Enabled.BinarySearch(self.Id) < 0;
            _posted[self.Id] = new Posted(Number(StackCapture.Take()), _events.Count - 1, blocked);
        }

        int thread = _inner.ChooseThread(point);
        PendingOperation operation = point.Pending[thread];
        Posted posted = operation.Kind != OperationKind.ThreadBegin && _posted.TryGetValue(thread, out Posted p) ? p : new Posted(-1, -1, false);
        _events.Add(new RecordedEvent(
            thread, operation.Kind, operation.Address, SiteTable.Get(operation.Site), posted.Stack, posted.Blocked ? posted.After : -1,
            Preemption.Is(point, thread)));
        return thread;
    }

    public int ChooseValue(int count, int thread, int site)
    {
        Settle();
        int answer = _inner.ChooseValue(count, thread, site);
        _events.Add(new RecordedEvent(thread, OperationKind.Choice, 0, SiteTable.Get(site), Number(StackCapture.Take()), -1, Preempts: false)
        {
            Value = answer + " of " + count,
        });
        return answer;
    }

    public void Loaded<T>(T value)
    {
        if (!_over)
        {
            _events[^1].Value = _values.Of(value);
        }
    }

    public void Storing<T>(T before, T value)
    {
        if (!_over)
        {
            _events[^1].Before = _values.Of(before);
            _events[^1].Value = _values.Of(value);
        }
    }

    public void OnRead(int thread, int site, long time, WriteMark returned, WriteMark newest)
    {
        // A plain access that is no event comes here too. Of a value in pieces the first that is old counts.
        if (!_over && IsLatest(thread, site) && _events[^1] is { IsOld: false } at)
        {
            at.ReadsFrom = _writes.GetValueOrDefault((returned.Thread, returned.Time), -1);
            at.IsOld = returned != newest;
        }
    }

    public void OnWrite(int thread, int site, long time)
    {
        if (!_over && IsLatest(thread, site))
        {
            _writes[(thread, time)] = _events.Count - 1;
        }
    }

    private bool IsLatest(int thread, int site) => _events.Count > 0 && _events[^1].Thread == thread && ReferenceEquals(_events[^1].Site, SiteTable.Get(site));

    public void Updating<T>(ref readonly T location)
    {
        if (_over)
        {
            return;
        }

        RecordedEvent at = _events[^1];
        at.Before = _values.Of(location);
        nuint address = (nuint)Unsafe.AsPointer(ref Unsafe.AsRef(in location));
        int collections = GC.CollectionCount(0);

        // After a collection it may have moved.
        _settle = () => at.Value = GC.CollectionCount(0) == collections ? _values.Of(Unsafe.AsRef<T>((void*)address)) : null;
    }

    public void Failed(Execution execution, Failure failure, Exception? exception)
    {
        Settle();
        _failure.Failed(execution, failure, exception);
        foreach (ControlledThread thread in execution.Threads.Where(t => !t.Finished))
        {
            PendingOperation pending = execution.Pending(thread.Id);
            Standing.Add((thread.Id, pending, _posted.GetValueOrDefault(thread.Id, new Posted(-1, -1, false)), thread.WaitsFor ?? ""));
        }

        _over = true;
    }

    public void Dispose() => _failure.Dispose();

    private void Settle()
    {
        _settle?.Invoke();
        _settle = null;
    }

    private int Number(TraceFrame[] stack)
    {
        if (stack.Length == 0)
        {
            return -1;
        }

        if (!_stackNumbers.TryGetValue(stack, out int number))
        {
            number = _stacks.Count;
            _stacks.Add(stack);
            _stackNumbers.Add(stack, number);
        }

        return number;
    }

    // Frames are interned by StackCapture, so their identity says enough.
    private sealed class SameFrames : IEqualityComparer<TraceFrame[]>
    {
        public bool Equals(TraceFrame[]? x, TraceFrame[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(TraceFrame[] frames)
        {
            var hash = new HashCode();
            foreach (TraceFrame frame in frames)
            {
                hash.Add(RuntimeHelpers.GetHashCode(frame));
            }

            return hash.ToHashCode();
        }
    }
}
