namespace Verify.Checker.MemoryModels;

/// <content>Placement for exhaustive search: the gaps of the time line, from new to old.</content>
public sealed partial class WeakMemory<TStore>
{
    private readonly List<Slot> _slots = [];
    private readonly List<long> _practicalEnds = [];
    private OwnWrites[] _ownWrites = new OwnWrites[16];

    /// <param name="Time">Where.</param>
    /// <param name="Message">A write goes after it; a failing CompareExchange reads it.</param>
    /// <param name="IsRead">A failing CompareExchange.</param>
    private readonly record struct Slot(long Time, int Message, bool IsRead);

    /// <summary>Times of a thread's latest writes, unordered; a bound like any other: it only removes slots.</summary>
    [System.Runtime.CompilerServices.InlineArray(16)]
    private struct OwnWriteTimes
    {
        private long _first;
    }

    private struct OwnWrites
    {
        internal OwnWriteTimes Times;
        internal int Next;
    }

    private long PlaceInSlot(int thread, int cell, long floor, int site, out int after)
    {
        _slots.Clear();
        CollectSlots(thread, cell, floor);
        Slot slot = _slots[_slots.Count == 1 ? 0 : _choices.Place(thread, _slots.Count, site)];
        after = slot.Message;
        _now = Math.Max(_now, slot.Time);
        NoteOwnWrite(thread, slot.Time);
        return slot.Time;
    }

    private void NoteOwnWrite(int thread, long time)
    {
        if (_options.Placement != Placement.Practical)
            return;
        if (thread >= _ownWrites.Length)
            Array.Resize(ref _ownWrites, Math.Max(thread + 1, _ownWrites.Length * 2));
        ref OwnWrites own = ref _ownWrites[thread];
        own.Times[own.Next++ & 15] = time;
    }

    /// <summary>Append, then the middle of every offered gap above the floor in which no read of the preceding write is contradicted.</summary>
    private void CollectSlots(int thread, int cell, long floor)
    {
        TimeLine times = _times!;
        int index = _table[cell].Newest;
        _slots.Add(new Slot(Math.Max(Math.Max(_now, floor), times.Last) + Step, index, IsRead: false));
        int first = times.FirstAbove(floor);
        bool full = _table[cell].Count >= _options.History;
        if (_options.Placement == Placement.Practical)
            CollectPracticalEnds(thread, cell, floor);

        for (int i = times.Count - 1; i >= first; i--)
        {
            long end = times[i];
            if (_options.Placement == Placement.Practical && i != first && !_practicalEnds.Contains(end))
                continue;
            long start = i == first ? floor : times[i - 1];
            long time = start + ((end - start) / 2);
            if (time == start)
                continue;
            while (_messages[index].Time >= time)
                index = _messages[index].Older;
            bool wouldFollowForgotten = full && index == _table[cell].Oldest;
            if (_messages[index].ReadTime < time && !wouldFollowForgotten)
                _slots.Add(new Slot(time, index, IsRead: false));
        }
    }

    private void CollectPracticalEnds(int thread, int cell, long floor)
    {
        _practicalEnds.Clear();
        if (thread < _ownWrites.Length)
        {
            foreach (long time in _ownWrites[thread].Times)
            {
                if (time > floor)
                    _practicalEnds.Add(time);
            }
        }

        for (int index = _table[cell].Newest; index >= 0 && _messages[index].Time > floor; index = _messages[index].Older)
            _practicalEnds.Add(_messages[index].Time);
    }
}
