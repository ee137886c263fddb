namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>
/// Every execution of a litmus test under a memory model: depth-first over the recorded answers to which thread, which write, which slot,
/// re-executing from the start.
/// </summary>
/// <remarks>
/// Two reductions, neither of which loses a final state. An execution is cut at a scheduling point whose state was met before, where states are
/// compared whole, with times as ranks (<see cref="CanonicalState"/>); litmus programs have no loops, so that state's futures are or will be
/// explored. And barriers and branches, which touch only their thread's own views, run together with the operation before them.
/// </remarks>
public sealed class LitmusExplorer : IWeakChoices
{
    private readonly LitmusTest _test;
    private readonly MemoryModelOptions _options;
    private readonly LitmusExecution _execution;
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
        _canonical = new CanonicalState(_execution);
    }

    private record struct Node(int Answers, int Answer);

    /// <summary>All final states.</summary>
    public LitmusExploration Explore()
    {
        LitmusOutcomes outcomes = new(_execution);
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
                    _execution.Step(enabled[count == 1 ? 0 : Choose(count)]);
                    continue;
                }

                if (_execution.IsComplete)
                    outcomes.Record();
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

    private int Choose(int answers)
    {
        if (_depth == _path.Count)
            _path.Add(new Node(answers, 0));
        Node node = _path[_depth++];
        if (node.Answers != answers)
            throw new InvalidOperationException($"{_test}: answer {_depth} has {answers} choices where it had {node.Answers}; the machine is not deterministic.");
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
