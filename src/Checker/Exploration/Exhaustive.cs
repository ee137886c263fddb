using System.Runtime.InteropServices;
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
public sealed class Exhaustive : IExplorationStrategy, ITracksStates
{
    private readonly List<Node> _path = [];
    private readonly HashSet<UInt128> _states = [];

    /// <summary>Distinct states met at points where more than one thread could go on.</summary>
    public int States => _states.Count;

    /// <inheritdoc/>
    public bool Enumerates => true;

    private record struct Node(int Alternatives, int Index);

    /// <inheritdoc/>
    public IScheduler? Next(long execution, int longest) => execution == 0 || Advance() ? new Scheduler(this) : null;

    private bool Advance()
    {
        while (_path.Count > 0)
        {
            ref Node last = ref CollectionsMarshal.AsSpan(_path)[^1];
            if (++last.Index < last.Alternatives)
            {
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    private sealed class Scheduler(Exhaustive owner) : IScheduler, IWeakChoices
    {
        private int _at;
        private bool _known; // the state was met before: from here on nothing is tried

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
            if (!_known && _at == owner._path.Count && point.State() is { } state)
            {
                _known = !owner._states.Add(yields ? state ^ (UInt128)(point.Current + 1) : state);
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

        private int Choose(int alternatives)
        {
            if (alternatives == 1)
            {
                return 0;
            }

            if (_at == owner._path.Count)
            {
                if (_known)
                {
                    return 0;
                }

                owner._path.Add(new Node(alternatives, 0));
            }

            return owner._path[_at++].Index;
        }
    }
}
