namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>
/// A litmus execution's state with every time replaced by its rank: the machine only ever compares times, and search offers every gap between
/// them, so states of equal ranks have the same futures. What no future step can ask for is left out.
/// </summary>
internal sealed class CanonicalState
{
    private const short EndOfHistory = short.MinValue;
    private const short NoHistory = short.MinValue + 1;

    private readonly LitmusExecution _execution;
    private readonly bool _placed;
    private readonly LitmusFuture[] _futures;
    private readonly Dictionary<long, short> _values = [];
    private long[] _times = new long[64];
    private int _timeCount;
    private short[] _code = new short[256];
    private int _length;

    internal CanonicalState(LitmusExecution execution, LitmusFuture[] futures)
    {
        _execution = execution;
        _placed = execution.Machine.Options.Model.PlacedWrites;
        _futures = futures;
    }

    /// <summary>Valid until the next call.</summary>
    internal ReadOnlySpan<short> Encode()
    {
        RankTimes();
        _length = 0;
        for (int t = 0; t < _execution.Threads.Length; t++)
            EncodeThread(t);

        foreach (int owner in _execution.LockOwners)
            Put((short)owner);
        foreach (int depth in _execution.LockDepths)
            Put((short)depth);
        for (int sync = 0; sync < _execution.LockOwners.Length; sync++)
            Put(Rank(_execution.Machine.SyncTime(sync)));
        for (int location = 0; location < _execution.Test.Locations.Count; location++)
            EncodeLocation(location);
        return _code.AsSpan(0, _length);
    }

    private void EncodeThread(int t)
    {
        LitmusThreadState thread = _execution.Threads[t];
        ThreadNeeds needs = _futures[t].Needs(thread);
        Put((short)(thread.Started ? thread.Position : -1));
        ref readonly ThreadView view = ref _execution.Machine.View(t);
        Put(needs.Has(ThreadNeeds.ReadView) ? Rank(view.ReadView) : (short)0);
        Put(needs.Has(ThreadNeeds.WriteView) ? Rank(view.WriteView) : (short)0);
        Put(needs.Has(ThreadNeeds.LastRead) ? Rank(view.LastRead) : (short)0);
        Put(needs.Has(ThreadNeeds.LastWrite) ? Rank(view.LastWrite) : (short)0);
        Put(needs.Has(ThreadNeeds.HeapWrite) ? Rank(view.HeapWrite) : (short)0);
        Put(needs.Has(ThreadNeeds.LastRelease) ? Rank(view.LastRelease) : (short)0);
        Put(needs.Has(ThreadNeeds.Control) ? Rank(thread.Control) : (short)0);
        for (int r = 0; r < thread.Register.Length; r++)
        {
            Put(Value(thread.Register[r]));
            Put(_futures[t].NeedsDependency(thread, r) ? Rank(thread.Dependency[r]) : (short)0);
        }
    }

    private void EncodeLocation(int location)
    {
        int cell = _execution.Machine.FindLocation(LitmusExecution.AddressOf(location), 8);
        ulong users = Users(location, out bool mayInsert);
        if (cell < 0 || users == 0)
        {
            // Untouched is as after a first touch: the initial write, seen by no one. Without users only the final value is left.
            Put(NoHistory);
            Put(Value(_execution.ValueOf(location)));
            return;
        }

        ulong unseen = users;
        int kept = KeptOf(cell, location);
        int index = _execution.Machine.LocationAt(cell).Newest;
        for (int i = 0; i < kept; i++)
        {
            ref readonly Message message = ref _execution.Machine.MessageAt(index);
            ulong newestSeen = message.Seen & unseen;  // an older sight than a thread's newest restricts nothing
            unseen &= ~message.Seen;
            bool forwards = Forwards(in message, location);
            Put(Value((long)message.Value));
            Put(Rank(message.Time));
            Put(mayInsert ? Rank(message.ReadTime) : (short)0);
            Put((short)(forwards ? message.Writer + 1 : 0));
            Put(forwards ? Rank(message.ValueView) : (short)0);
            for (int shift = 0; shift < _execution.Threads.Length; shift += 16)
                Put((short)(newestSeen >> shift));
            index = message.Older;
        }

        Put(EndOfHistory);
    }

    /// <summary>Threads that may yet access the location, and whether one may insert a write.</summary>
    private ulong Users(int location, out bool mayInsert)
    {
        ulong users = 0;
        mayInsert = false;
        for (int t = 0; t < _futures.Length; t++)
        {
            bool writes = _futures[t].MayWrite(_execution.Threads[t], location);
            mayInsert |= writes && _placed;
            if (writes || _futures[t].MayRead(_execution.Threads[t], location))
                users |= 1UL << t;
        }

        return users;
    }

    private bool Forwards(in Message message, int location) =>
        message.Writer >= 0 && _futures[message.Writer].MayRead(_execution.Threads[message.Writer], location);

    /// <summary>How many messages, from the newest, some thread can still read or write behind.</summary>
    private int KeptOf(int cell, int location)
    {
        int kept = 0;
        int index = _execution.Machine.LocationAt(cell).Newest;
        ulong seen = 0;
        while (index >= 0)
        {
            ref readonly Message message = ref _execution.Machine.MessageAt(index);
            kept++;
            seen |= message.Seen;
            bool passable = false;
            for (int t = 0; t < _futures.Length && !passable; t++)
            {
                if ((seen & (1UL << t)) != 0)
                    continue;
                LitmusThreadState thread = _execution.Threads[t];
                ref readonly ThreadView view = ref _execution.Machine.View(t);
                passable = (_futures[t].MayRead(thread, location) && message.Time > view.ReadView)
                    || (_placed && _futures[t].MayWrite(thread, location) && message.Time > WriteFloor(in view));
            }

            if (!passable)
                break;
            index = message.Older;
        }

        return kept;
    }

    private long WriteFloor(in ThreadView view) =>
        Math.Max(view.WriteView, _execution.Machine.Options.RelaxReadWrite ? view.ReadView : view.LastRead);

    private void RankTimes()
    {
        _timeCount = 0;
        AddTime(0);
        for (int t = 0; t < _execution.Threads.Length; t++)
        {
            LitmusThreadState thread = _execution.Threads[t];
            ThreadNeeds needs = _futures[t].Needs(thread);
            ref readonly ThreadView view = ref _execution.Machine.View(t);
            AddTime(needs.Has(ThreadNeeds.ReadView) ? view.ReadView : 0);
            AddTime(needs.Has(ThreadNeeds.WriteView) ? view.WriteView : 0);
            AddTime(needs.Has(ThreadNeeds.LastRead) ? view.LastRead : 0);
            AddTime(needs.Has(ThreadNeeds.LastWrite) ? view.LastWrite : 0);
            AddTime(needs.Has(ThreadNeeds.HeapWrite) ? view.HeapWrite : 0);
            AddTime(needs.Has(ThreadNeeds.LastRelease) ? view.LastRelease : 0);
            AddTime(needs.Has(ThreadNeeds.Control) ? thread.Control : 0);
            for (int r = 0; r < thread.Register.Length; r++)
                AddTime(_futures[t].NeedsDependency(thread, r) ? thread.Dependency[r] : 0);
        }

        for (int sync = 0; sync < _execution.LockOwners.Length; sync++)
            AddTime(_execution.Machine.SyncTime(sync));
        for (int location = 0; location < _execution.Test.Locations.Count; location++)
            AddTimesOf(location);

        Span<long> times = _times.AsSpan(0, _timeCount);
        times.Sort();
        int distinct = 0;
        for (int i = 0; i < times.Length; i++)
        {
            if (i == 0 || times[i] != times[i - 1])
                times[distinct++] = times[i];
        }

        _timeCount = distinct;
    }

    private void AddTimesOf(int location)
    {
        int cell = _execution.Machine.FindLocation(LitmusExecution.AddressOf(location), 8);
        if (cell < 0 || Users(location, out bool mayInsert) == 0)
            return;
        int index = _execution.Machine.LocationAt(cell).Newest;
        for (int kept = KeptOf(cell, location); kept > 0; kept--)
        {
            ref readonly Message message = ref _execution.Machine.MessageAt(index);
            AddTime(message.Time);
            if (mayInsert)
                AddTime(message.ReadTime);
            if (Forwards(in message, location))
                AddTime(message.ValueView);
            index = message.Older;
        }
    }

    private void AddTime(long time)
    {
        if (_timeCount == _times.Length)
            Array.Resize(ref _times, _timeCount * 2);
        _times[_timeCount++] = time;
    }

    private short Rank(long time) => (short)_times.AsSpan(0, _timeCount).BinarySearch(time);

    private short Value(long value)
    {
        if (!_values.TryGetValue(value, out short id))
        {
            id = checked((short)_values.Count);
            _values.Add(value, id);
        }

        return id;
    }

    private void Put(short value)
    {
        if (_length == _code.Length)
            Array.Resize(ref _code, _length * 2);
        _code[_length++] = value;
    }
}
