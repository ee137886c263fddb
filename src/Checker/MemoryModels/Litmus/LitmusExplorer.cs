namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>
/// Every execution of a litmus test under a memory model: depth-first over the recorded answers to which thread, which write, which slot,
/// re-executing from the start.
/// </summary>
/// <remarks>
/// Three reductions, none of which loses a final state. An execution is cut at a scheduling point whose state was met before, where states are
/// compared whole, with times as ranks (<see cref="CanonicalState"/>); litmus programs have no loops, so that state's futures are or will be
/// explored. Barriers and branches, which touch only their thread's own views, run together with the operation before them. And a read of a location
/// that no other thread may write any more goes first: alone it is a persistent set (Godefroid 1996), unless a process-wide barrier is about.
/// </remarks>
public sealed class LitmusExplorer : IWeakChoices
{
    private readonly LitmusTest _test;
    private readonly MemoryModelOptions _options;
    private readonly LitmusExecution _execution;
    private readonly LitmusFuture[] _futures;
    private readonly bool _hasProcessWideBarrier;
    private readonly CanonicalState _canonical;
    private readonly StateSet _visited = new();
    private readonly List<Node> _path = [];
    private int _depth;

    /// <param name="test">The test.</param>
    /// <param name="options">
    /// Model, options and placement; <see cref="Placement.Delays"/> becomes <see cref="Placement.Complete"/>, and the bounds on history, horizon
    /// and stale reads are lifted.
    /// </param>
    public LitmusExplorer(LitmusTest test, MemoryModelOptions options)
    {
        _test = test;
        _options = options with
        {
            Placement = options.Placement == Placement.Delays ? Placement.Complete : options.Placement,
            History = 2 + test.Threads.Sum(t => t.Operations.Count),
            Horizon = 1L << 32,
            StaleBound = int.MaxValue,
        };
        _execution = new LitmusExecution(test, _options, this);
        _futures = [.. Enumerable.Range(0, test.Threads.Count).Select(t => new LitmusFuture(test, t, _options))];
        _canonical = new CanonicalState(_execution, _futures);
        _hasProcessWideBarrier = test.Threads.Any(t => t.Operations.Any(o => o.Opcode == LitmusOpcode.PWB));
    }

    private record struct Node(int Answers, int Answer);

    /// <summary>All final states.</summary>
    public LitmusExploration Explore()
    {
        LitmusOutcomes outcomes = new(_test);
        long executions = 0;
        long deadlocks = 0;
        Span<int> enabled = stackalloc int[_test.Threads.Count];
        _path.Clear();
        _visited.Clear();
        do
        {
            executions++;
            _depth = 0;
            _execution.Begin();
            while (_depth < _path.Count || _visited.Add(_canonical.Encode()))
            {
                int count = _execution.Enabled(enabled);
                if (count > 0)
                {
                    int settled = Settled(enabled[..count]);
                    _execution.Step(settled >= 0 ? settled : enabled[count == 1 ? 0 : Choose(count)]);
                    continue;
                }

                if (_execution.IsComplete)
                    outcomes.Record(_execution);
                else
                    deadlocks++;
                break;
            }
        }
        while (Backtrack());

        return new LitmusExploration(
            _test, _options, outcomes.ToFormatted(), outcomes.ConditionReached, executions, deadlocks, _visited.Count);
    }

    int IWeakChoices.ReadFrom(int thread, int candidates, int site) => Choose(candidates);

    int IWeakChoices.Place(int thread, int slots, int site) => Choose(slots);

    /// <summary>A thread whose next operation commutes with all that the others may yet do; -1 if there is none.</summary>
    private int Settled(ReadOnlySpan<int> enabled)
    {
        if (_hasProcessWideBarrier)
            return -1;
        foreach (int thread in enabled)
        {
            int location = _execution.NextRead(thread);
            if (location >= 0 && !MayOthersWrite(thread, location))
                return thread;
        }

        return -1;
    }

    private bool MayOthersWrite(int thread, int location)
    {
        for (int other = 0; other < _futures.Length; other++)
        {
            if (other != thread && _futures[other].MayWrite(_execution.Threads[other], location))
                return true;
        }

        return false;
    }

    private int Choose(int answers)
    {
        if (_depth == _path.Count)
            _path.Add(new Node(answers, 0));
        Node node = _path[_depth++];
        if (node.Answers != answers)
        {
            throw new InvalidOperationException(
                $"{_test}: answer {_depth} has {answers} choices where it had {node.Answers}; the machine is not deterministic.");
        }

        return node.Answer;
    }

    private bool Backtrack()
    {
        while (_path.Count > 0)
        {
            Node last = _path[^1];
            if (last.Answer + 1 < last.Answers)
            {
                _path[^1] = last with { Answer = last.Answer + 1 };
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }
}
