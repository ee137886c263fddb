using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Depth-first: every schedule with at most so many preemptions, one after the other.</summary>
/// <remarks>
/// Iterative context bounding of Musuvathi and Qadeer, PLDI 2007: bound 0 first, then 1, up to the bound given. A preemption is a switch away
/// from a thread that could go on and does not yield. A thread that yields is left when another can run, as in CHESS's fair scheduling
/// (Musuvathi and Qadeer, PLDI 2008), so loops that spin with a yield are finite. Under a weak memory the answers that sequential consistency
/// would not give are rationed in the same way, and every way to give them is tried.
/// The space at a bound is exhausted when <see cref="Next"/> returns null: then no schedule within it fails.
/// </remarks>
public sealed class DepthFirst : IExplorationStrategy, ISearch, IComparesAddresses
{
    private readonly int _preemptions;
    private readonly int _weakAnswers;
    private readonly int _part;
    private readonly int _parts;
    private ChoicePath _path;
    private int _bound;
    private long _executions; // at the bound under way
    private bool _cut;        // at the bound under way
    private bool _over;

    /// <param name="preemptions">Preemption bound; at least 0.</param>
    /// <param name="first">The bound to begin with.</param>
    /// <param name="weakAnswers">Most answers of a weak memory that are not those of a sequentially consistent one; at least 0.</param>
    /// <param name="part">Which part of each bound's tree to explore, from 0.</param>
    /// <param name="parts">How many parts there are.</param>
    public DepthFirst(int preemptions, int first = 0, int weakAnswers = 0, int part = 0, int parts = 1)
    {
        _preemptions = preemptions;
        _bound = first;
        _weakAnswers = weakAnswers;
        _part = part;
        _parts = parts;
        _path = new ChoicePath(part, parts);
    }

    /// <summary>Greatest bound whose schedules have all been tried, or -1.</summary>
    public int Exhausted { get; private set; } = -1;

    /// <inheritdoc/>
    public SearchProgress Progress => new()
    {
        Executions = _executions,
        Bound = _bound,
        WeakAnswers = _weakAnswers,
        Cut = _cut,
        Explored = _over ? 1 : Math.Min(_path.Passed(), 1),
    };

    /// <inheritdoc/>
    public bool Enumerates => true;

    /// <inheritdoc/>
    public IScheduler? Next(long execution, int longest)
    {
        if (execution > 0)
        {
            _executions += _path.IsForeign ? 0 : 1;
            if (!_path.Advance())
            {
                Exhausted = _bound;
                if (_bound == _preemptions || !_cut)
                {
                    _over = true;
                    return null;
                }

                _bound++;
                _executions = 0;
                _cut = false;
                _path = new ChoicePath(_part, _parts);
            }
        }

        return new Scheduler(this, _bound);
    }

    private sealed class Scheduler(DepthFirst owner, int bound) : IScheduler, IWeakChoices
    {
        private int _at;
        private int _preemptions;
        private int _weakAnswers;

        public int ChooseThread(in SchedulingPoint point)
        {
            ReadOnlySpan<int> enabled = point.Enabled;
            int current = enabled.BinarySearch(point.Current);
            if (current < 0)
            {
                return enabled[owner._path.Choose(ref _at, enabled.Length)];
            }

            if (point.Pending[point.Current].Kind == OperationKind.Yield && enabled.Length > 1)
            {
                int other = owner._path.Choose(ref _at, enabled.Length - 1);
                return enabled[other >= current ? other + 1 : other];
            }

            if (_preemptions == bound)
            {
                owner._cut |= enabled.Length > 1;
                return point.Current;
            }

            // Alternative 0 goes on, so that the first schedule of every bound is the one without preemptions.
            int choice = owner._path.Choose(ref _at, enabled.Length, bound - _preemptions);
            if (choice == 0)
            {
                return point.Current;
            }

            _preemptions++;
            return enabled[choice <= current ? choice - 1 : choice];
        }

        public int ChooseValue(int count, int thread, int site) => owner._path.Choose(ref _at, count);

        public int ReadFrom(int thread, int candidates, int site) => Answer(candidates);

        public int Place(int thread, int slots, int site) => Answer(slots);

        private int Answer(int count)
        {
            if (_weakAnswers == owner._weakAnswers)
            {
                owner._cut = true;
                return 0;
            }

            int answer = owner._path.Choose(ref _at, count, owner._weakAnswers - _weakAnswers);
            _weakAnswers += answer == 0 ? 0 : 1;
            return answer;
        }
    }
}
