namespace Verify.Checker.MemoryModels;

/// <content>What the machine's future depends on, with times as ranks, so that equal futures look equal.</content>
public sealed partial class WeakMemory<TStore>
{
    private readonly List<long> _stateTimes = [];

    /// <summary>Writes the state of the machine, as far as threads that go on can tell, to <paramref name="into"/>.</summary>
    /// <param name="into">Receives numbers; equal sequences mean equal futures.</param>
    /// <param name="running">Whether a thread has not ended.</param>
    /// <param name="locations">The locations that were touched, in an order that does not depend on the interleaving.</param>
    /// <param name="syncs">The synchronization objects that were used, in such an order.</param>
    /// <param name="values">What stands for a message's value, independently of the interleaving.</param>
    internal void EncodeState(IStateSink into, ReadOnlySpan<bool> running, ReadOnlySpan<int> locations, ReadOnlySpan<int> syncs, IStableValues values)
    {
        if (!_ordered)
        {
            foreach (int location in locations)
            {
                if (_table[location].Newest >= 0)
                    into.Put(values.ValueOf(_table[location].Newest, location));
            }

            return;
        }

        ViewOf(running.Length - 1);
        CollectStateTimes(running, locations, syncs);
        for (int thread = 0; thread < running.Length; thread++)
        {
            ref ThreadView view = ref _views[thread];
            if (!running[thread])
            {
                into.Put(Rank(view.All));  // all a join asks
                continue;
            }

            into.Put(Rank(view.ReadView) | (Rank(view.WriteView) << 16) | (Rank(view.LastRead) << 32) | (Rank(view.LastWrite) << 48));
            into.Put(Rank(view.AddressView) | (Rank(view.HeapWrite) << 16) | (Rank(_failedCasAcquires ? view.LastRelease : 0) << 32));
        }

        foreach (int sync in syncs)
            into.Put(Rank(SyncOf(sync)));
        foreach (int location in locations)
        {
            ulong unseen = RunningMask(running);
            into.Put(_table[location].AppendOnly ? 1UL : 0);
            int kept = KeptInState(location, running);
            for (int index = _table[location].Newest; kept > 0; kept--, index = _messages[index].Older)
            {
                ref Message message = ref _messages[index];
                bool forwards = message.Writer >= 0 && message.Writer < running.Length && running[message.Writer];
                into.Put(values.ValueOf(index, location));
                into.Put(Rank(message.Time) | (Rank(message.ReadTime) << 16)
                    | (forwards ? ((ulong)(message.Writer + 1) << 48) | (Rank(message.ValueView) << 32) : 0));
                into.Put(message.Seen & unseen);  // an older sight than a thread's newest restricts nothing
                unseen &= ~message.Seen;
            }

            into.Put(ulong.MaxValue);
        }
    }

    private static ulong RunningMask(ReadOnlySpan<bool> running)
    {
        ulong mask = 0;
        for (int thread = 0; thread < running.Length; thread++)
        {
            if (running[thread])
                mask |= SeenBit(thread);
        }

        return mask;
    }

    /// <summary>How many messages, from the newest, some running thread can still read or write behind.</summary>
    private int KeptInState(int location, ReadOnlySpan<bool> running)
    {
        int kept = 0;
        ulong passed = 0;
        for (int index = _table[location].Newest; index >= 0; index = _messages[index].Older)
        {
            kept++;
            ref Message message = ref _messages[index];
            passed |= message.Seen;
            bool passable = false;
            for (int thread = 0; thread < running.Length && !passable; thread++)
            {
                if (!running[thread] || (passed & SeenBit(thread)) != 0)
                    continue;
                ref ThreadView view = ref _views[thread];
                passable = message.Time > Math.Min(view.ReadView, Math.Max(view.WriteView, view.LastRead));
            }

            if (!passable)
                break;
        }

        return kept;
    }

    private void CollectStateTimes(ReadOnlySpan<bool> running, ReadOnlySpan<int> locations, ReadOnlySpan<int> syncs)
    {
        _stateTimes.Clear();
        _stateTimes.Add(0);
        for (int thread = 0; thread < running.Length; thread++)
        {
            ref ThreadView view = ref _views[thread];
            if (!running[thread])
            {
                _stateTimes.Add(view.All);
                continue;
            }

            _stateTimes.AddRange([view.ReadView, view.WriteView, view.LastRead, view.LastWrite, view.AddressView, view.HeapWrite]);
            if (_failedCasAcquires)
                _stateTimes.Add(view.LastRelease);
        }

        foreach (int sync in syncs)
            _stateTimes.Add(SyncOf(sync));
        foreach (int location in locations)
        {
            int kept = KeptInState(location, running);
            for (int index = _table[location].Newest; kept > 0; kept--, index = _messages[index].Older)
                _stateTimes.AddRange([_messages[index].Time, _messages[index].ReadTime, _messages[index].ValueView]);
        }

        _stateTimes.Sort();
        int distinct = 0;
        for (int i = 0; i < _stateTimes.Count; i++)
        {
            if (i == 0 || _stateTimes[i] != _stateTimes[i - 1])
                _stateTimes[distinct++] = _stateTimes[i];
        }

        _stateTimes.RemoveRange(distinct, _stateTimes.Count - distinct);
    }

    private ulong Rank(long time) => (ulong)_stateTimes.BinarySearch(time) & 0xFFFF;
}
