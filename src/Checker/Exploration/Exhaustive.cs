using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>A strategy that asks for <see cref="SchedulingPoint.State"/>.</summary>
internal interface ITracksStates;

/// <summary>Every schedule of a terminating test and every answer of its memory, depth first; what follows a state met before is not tried again.</summary>
/// <remarks>
/// Complete with <see cref="Placement.Complete"/> and plain points: then every outcome the memory model allows is reached. Two reductions,
/// neither of which loses one. A state, threads by their histories and memory with times as ranks, is expanded once (stateful search; Godefroid,
/// LNCS 1032, chapter 2); an execution that comes to one met before runs to its end without branching. And an operation that commutes
/// with whatever the others may do (the start of a thread, its first step, a join that need not wait, a fence of one thread) goes first: alone
/// it is a persistent set. A thread that yields is left when another can run, as in <see cref="DepthFirst"/>.
/// </remarks>
public sealed class Exhaustive : IExplorationStrategy, ISearch, ITracksStates
{
    private readonly ChoicePath _path = new();
    private readonly HashSet<UInt128> _states = [];
    private Scheduler? _latest;
    private long _executions; // that came to no state met before
    private long _met;        // that did
    private bool _over;

    /// <summary>Distinct states met at points where more than one thread could go on.</summary>
    public int States => _states.Count;

    /// <inheritdoc/>
    public bool Enumerates => true;

    /// <inheritdoc/>
    public SearchProgress Progress => new()
    {
        Executions = _executions,
        Blocked = _met,
        States = _states.Count,
        Explored = _over ? 1 : Math.Min(_path.Passed(), 1),
    };

    /// <inheritdoc/>
    public IScheduler? Next(long execution, int longest)
    {
        if (execution > 0)
        {
            _executions += _latest!.Known ? 0 : 1;
            _met += _latest.Known ? 1 : 0;
            if (!_path.Advance())
            {
                _over = true;
                return null;
            }
        }

        return _latest = new Scheduler(this);
    }

    private sealed class Scheduler(Exhaustive owner) : IScheduler, IWeakChoices
    {
        private int _at;

        /// <summary>A state was met before: from there on nothing is tried.</summary>
        internal bool Known { get; private set; }

        public int ChooseThread(in SchedulingPoint point)
        {
            ReadOnlySpan<int> enabled = point.Enabled;
            if (enabled.Length == 1)
            {
                return enabled[0];
            }

            foreach (int thread in enabled)
            {
                if (Commutes(point.Pending[thread]))
                {
                    return thread;
                }
            }

            int current = enabled.BinarySearch(point.Current);
            bool yields = current >= 0 && point.Pending[point.Current].Kind == OperationKind.Yield;
            if (!Known && _at == owner._path.Count && point.State() is { } state)
            {
                Known = !owner._states.Add(yields ? state ^ (UInt128)(point.Current + 1) : state);
            }

            if (yields)
            {
                int other = Choose(enabled.Length - 1);
                return enabled[other >= current ? other + 1 : other];
            }

            // Answer 0 goes on, which costs no hand-over.
            int choice = Choose(enabled.Length);
            return current < 0 ? enabled[choice] : choice == 0 ? point.Current : enabled[choice <= current ? choice - 1 : choice];
        }

        public int ChooseValue(int count, int thread, int site) => Choose(count);

        public int ReadFrom(int thread, int candidates, int site) => Choose(candidates);

        public int Place(int thread, int slots, int site) => Choose(slots);

        private static bool Commutes(in PendingOperation op) => op.Kind
            is OperationKind.ThreadBegin or OperationKind.ThreadStart or OperationKind.ThreadJoin or OperationKind.NativeAlloc
            || (op.Kind == OperationKind.Fence && op.Address != SharedMemory.ProcessWide);

        private int Choose(int alternatives) => Known && _at == owner._path.Count ? 0 : owner._path.Choose(ref _at, alternatives);
    }
}
