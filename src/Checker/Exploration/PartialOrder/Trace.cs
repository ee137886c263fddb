using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration.PartialOrder;

/// <summary>The events of one execution with their happens-before order, and the races in it.</summary>
/// <remarks>
/// Happens-before is the order of each thread, of starts and joins, and of dependent operations. A race is a pair of dependent events of
/// different threads that nothing else orders and that could have come the other way round.
/// </remarks>
internal sealed class Trace
{
    private readonly List<Event> _events = [];
    private readonly List<int[]> _clocks = [];    // by thread: how many events of each thread happen before its next one
    private readonly List<int[]> _starts = [[]];  // by thread: the clock of its start; nobody starts the first one
    private readonly Dictionary<(bool, nuint), ObjectState> _objects = [];
    private readonly ObjectState _global = new();

    /// <param name="Index">Position among all events.</param>
    /// <param name="Thread">Who.</param>
    /// <param name="Number">Position among its thread's events, from 1.</param>
    /// <param name="Node">The decision that chose it.</param>
    /// <param name="Clock">Events of each thread that happen before it, itself included.</param>
    internal sealed record Event(int Index, int Thread, int Number, int Node, int[] Clock)
    {
        internal bool HappensBefore(Event later) => Thread < later.Clock.Length && later.Clock[Thread] >= Number;
    }

    private sealed class ObjectState
    {
        internal Event? LastWrite;
        internal readonly List<Event> Reads = [];               // since the last write
        internal readonly Dictionary<int, Event> Acquires = []; // by thread, the last one
        internal readonly Dictionary<int, Event> Releases = []; // by thread, the last one
        internal Event? Last;
    }

    internal IReadOnlyList<Event> Events => _events;

    /// <summary>Adds what a thread is about to do, and calls <paramref name="race"/> with each earlier event it races with.</summary>
    internal void Perform(int thread, in PendingOperation op, int node, Action<Event, Event> race)
    {
        Dependence.Role role = Dependence.Of(op);
        int[] before = ClockOf(thread);
        int[] clock = (int[])before.Clone();
        var rivals = new List<Event>();
        if (op.Kind == OperationKind.ThreadJoin && (int)op.Address < _clocks.Count)
        {
            Join(ref clock, ClockOf((int)op.Address));
        }

        ObjectState? state = role is Dependence.Role.Free or Dependence.Role.Global ? null : Object(op);
        if (role == Dependence.Role.Global)
        {
            rivals.AddRange(LastOfOthers(thread));
        }
        else if (state is not null)
        {
            if (_global.Last is { } global)
            {
                rivals.Add(global);
            }

            Rivals(state, role, rivals);
            if (state.Last is { } last && role is Dependence.Role.Acquire or Dependence.Role.Release)
            {
                Join(ref clock, last.Clock); // ordered, though they cannot come the other way round
            }
        }

        foreach (Event rival in rivals)
        {
            Join(ref clock, rival.Clock);
        }

        int number = (thread < clock.Length ? clock[thread] : 0) + 1;
        clock = Grow(clock, thread + 1);
        clock[thread] = number;
        var self = new Event(_events.Count, thread, number, node, clock);
        _events.Add(self);
        SetClock(thread, clock);
        if (op.Kind == OperationKind.ThreadStart)
        {
            _starts.Add(clock);
        }

        Record(state, role, self);
        foreach (Event rival in rivals)
        {
            // What is ordered by something else cannot be turned round; `before` is what the thread knew without this operation.
            if (rival.Thread != thread && !(rival.Thread < before.Length && before[rival.Thread] >= rival.Number))
            {
                race(rival, self);
            }
        }
    }

    private static void Rivals(ObjectState state, Dependence.Role role, List<Event> rivals)
    {
        switch (role)
        {
            case Dependence.Role.Read:
                Add(rivals, state.LastWrite);
                break;
            case Dependence.Role.Write:
                Add(rivals, state.LastWrite);
                rivals.AddRange(state.Reads);
                rivals.AddRange(state.Acquires.Values);
                rivals.AddRange(state.Releases.Values); // an attempt that fails before the release succeeds after it
                break;
            case Dependence.Role.Acquire:
                // The release between the two has to stay before this one; the race is with the acquisition it belongs to.
                Add(rivals, state.LastWrite);
                rivals.AddRange(state.Acquires.Values);
                break;
            case Dependence.Role.Release:
                Add(rivals, state.LastWrite);
                break;
        }
    }

    private void Record(ObjectState? state, Dependence.Role role, Event self)
    {
        if (role == Dependence.Role.Global)
        {
            _global.Last = self;
        }

        if (state is null)
        {
            return;
        }

        state.Last = self;
        switch (role)
        {
            case Dependence.Role.Read:
                state.Reads.Add(self);
                break;
            case Dependence.Role.Write:
                state.LastWrite = self;
                state.Reads.Clear();
                break;
            case Dependence.Role.Acquire:
                state.Acquires[self.Thread] = self;
                break;
            case Dependence.Role.Release:
                state.Releases[self.Thread] = self;
                break;
        }
    }

    private IEnumerable<Event> LastOfOthers(int thread) =>
        _events.GroupBy(e => e.Thread).Where(g => g.Key != thread).Select(g => g.Last());

    private ObjectState Object(in PendingOperation op)
    {
        var key = Dependence.ObjectOf(op);
        if (!_objects.TryGetValue(key, out ObjectState? state))
        {
            _objects.Add(key, state = new ObjectState());
        }

        return state;
    }

    private int[] ClockOf(int thread)
    {
        // Threads are numbered in the order of their starts.
        while (_clocks.Count <= thread)
        {
            _clocks.Add(_starts[_clocks.Count]);
        }

        return _clocks[thread];
    }

    private void SetClock(int thread, int[] clock)
    {
        _ = ClockOf(thread);
        _clocks[thread] = clock;
    }

    private static void Add(List<Event> rivals, Event? rival)
    {
        if (rival is not null)
        {
            rivals.Add(rival);
        }
    }

    private static void Join(ref int[] clock, int[] other)
    {
        clock = Grow(clock, other.Length);
        for (int i = 0; i < other.Length; i++)
        {
            clock[i] = Math.Max(clock[i], other[i]);
        }
    }

    private static int[] Grow(int[] clock, int length)
    {
        if (clock.Length < length)
        {
            Array.Resize(ref clock, length);
        }

        return clock;
    }
}
