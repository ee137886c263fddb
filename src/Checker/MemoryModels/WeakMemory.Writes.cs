namespace Verify.Checker.MemoryModels;

/// <content>Writes: an instant after everything the write must follow, and after every read of the write it follows in its history.</content>
public sealed partial class WeakMemory<TStore>
{
    /// <summary>A write of 1 to 8 bytes.</summary>
    /// <param name="thread">The writing thread.</param>
    /// <param name="address">Where.</param>
    /// <param name="size">Bytes, 1 to 8. Not a power of two or misaligned: not atomic, written in pieces.</param>
    /// <param name="value">The value, in the low bytes.</param>
    /// <param name="kind">How; <see cref="AccessKind.Reference"/> if the value is a reference.</param>
    /// <param name="site">The caller's number for the place in the code.</param>
    /// <param name="valueFrom">Which earlier reads the value depends on; <see cref="DependencyHint.AllReads"/> if unknown.</param>
    /// <param name="order">
    /// Asked under <see cref="MemoryModelOptions.RelaxReadWrite"/> alone: which earlier reads the value, the address, an earlier address or an
    /// earlier branch depends on; <see cref="DependencyHint.AllReads"/> if unknown.
    /// </param>
    /// <param name="owner">Handle of the object the location is a field of, 0 for none; for the observer.</param>
    public void Write(
        int thread, nuint address, int size, ulong value, AccessKind kind, int site, DependencyHint valueFrom, DependencyHint order, nuint owner = 0)
    {
        if (IsAtomic(address, size))
        {
            WriteCell(thread, address, size, value, kind, site, valueFrom, order, owner);
            return;
        }

        kind = (kind & AccessKind.HeapInstance) | AccessKind.Piece;
        foreach ((nuint piece, int length) in new AccessPieces(address, size))
            WriteCell(thread, piece, length, value >> (int)(8 * (piece - address)), kind, site, valueFrom, order, owner);
    }

    /// <summary>A write of which nothing is known but the place and the value: both may depend on every earlier read.</summary>
    public void Write(int thread, nuint address, int size, ulong value, AccessKind kind, int site, nuint owner = 0) =>
        Write(thread, address, size, value, kind, site, DependencyHint.AllReads, DependencyHint.AllReads, owner);

    private void WriteCell(
        int thread, nuint address, int size, ulong value, AccessKind kind, int site, DependencyHint valueFrom, DependencyHint order, nuint owner)
    {
        value &= Mask(size);
        int cell = Locate(address, size, kind);
        int index;
        if (_ordered)
        {
            ref ThreadView view = ref ViewOf(thread);
            long floor = Math.Max(WriteFloor(in view, value, kind, order), CoherenceFloor(cell, thread));
            long time = PlaceWrite(thread, cell, floor, site, out int after);
            index = Insert(thread, cell, after, time, Overlay(cell, address, size, value), valueFrom.Floor(view), site);
            view.LastWrite = Math.Max(view.LastWrite, time);
            if ((kind & AccessKind.HeapInstance) != 0)
                view.HeapWrite = Math.Max(view.HeapWrite, time);
            if (IsRelease(value, kind))
                view.LastRelease = Math.Max(view.LastRelease, time);
            Watch?.OnWrite(thread, site, time);
        }
        else
        {
            index = Append(thread, cell, Overlay(cell, address, size, value), site);
        }

        _observer?.OnWrite(thread, cell, BytesOf(address, size), index, kind, site, owner, value);
    }

    private long WriteFloor(in ThreadView view, ulong value, AccessKind kind, DependencyHint order)
    {
        bool release = IsRelease(value, kind);
        long reads = _options.RelaxReadWrite && !release ? Math.Max(view.ReadView, order.Floor(view)) : view.LastRead;
        long floor = Math.Max(view.WriteView, reads);
        if (release)
            floor = Math.Max(floor, view.LastWrite);
        else if ((kind & AccessKind.Reference) != 0 && value != 0)
            floor = Math.Max(floor, view.HeapWrite);
        return floor;
    }

    private bool IsRelease(ulong value, AccessKind kind) =>
        (kind & AccessKind.Volatile) != 0
        || ((kind & AccessKind.Reference) != 0 && value != 0 && _options.Publication == Publication.Release);

    /// <summary>Time of the newest write to the cell that the thread has read or made; of the oldest retained if that is forgotten.</summary>
    private long CoherenceFloor(int cell, int thread)
    {
        ulong bit = SeenBit(thread);
        int index = _table[cell].Newest;
        while (true)
        {
            ref Message message = ref _messages[index];
            if ((message.Seen & bit) != 0 || message.Older < 0)
                return message.Time;
            index = message.Older;
        }
    }

    private long PlaceWrite(int thread, int cell, long floor, int site, out int after)
    {
        if (!_placed || _table[cell].AppendOnly)
            return OnTop(cell, floor, out after);
        if (_times != null)
            return PlaceInSlot(thread, cell, floor, site, out after);

        int delay = _choices.Place(thread, _options.Delay + 1, site);
        long time = Math.Max(_now, floor);
        if (delay == 0)
        {
            time += Step;
            time = FirstFree(cell, time, out after);
            _now = Math.Max(_now, time);
        }
        else
        {
            // The low bits keep equally delayed writes apart; equal times would only remove behaviour.
            time += (delay * Step) + ((++_writes * 0x9E3779B1u) >> 20);
            time = FirstFree(cell, time, out after);
        }

        return MakeRoom(cell, floor, time, ref after);
    }

    /// <summary>After everything in the cell's history.</summary>
    private long OnTop(int cell, long floor, out int after)
    {
        after = _table[cell].Newest;
        _now = Math.Max(Math.Max(_now, floor), LastTimeOf(cell)) + Step;
        return _now;
    }

    /// <summary>The least time from <paramref name="time"/> on at which no read of the preceding write is contradicted, and that write.</summary>
    private long FirstFree(int cell, long time, out int after)
    {
        int newer = -1;
        int index = _table[cell].Newest;
        while (_messages[index].Time >= time)
        {
            newer = index;
            index = _messages[index].Older;
        }

        while (true)
        {
            time = Math.Max(time, _messages[index].ReadTime + 1);
            if (newer < 0 || time < _messages[newer].Time)
            {
                after = index;
                return time;
            }

            index = newer;
            newer = _messages[index].Newer;
        }
    }

    /// <summary>A full history forgets its oldest write; a write that would follow just that one is put on top instead.</summary>
    private long MakeRoom(int cell, long floor, long time, ref int after)
    {
        if (_table[cell].Count < _options.History)
            return time;
        if (after == _table[cell].Oldest)
            time = OnTop(cell, floor, out after);
        DropOldest(cell);
        return time;
    }

    private void DropOldest(int cell)
    {
        ref Location location = ref _table[cell];
        int oldest = location.Oldest;
        location.Oldest = _messages[oldest].Newer;
        _messages[location.Oldest].Older = -1;
        location.Count--;
        _messages.Drop(oldest);
    }

    private int Insert(int thread, int cell, int after, long time, ulong value, long valueView, int site)
    {
        int index = _messages.Take();
        ref Message message = ref _messages[index];
        ref Message older = ref _messages[after];
        int newer = older.Newer;
        message.Time = time;
        message.ReadTime = time;
        message.ValueView = valueView;
        message.Value = value;
        message.Seen = SeenBit(thread);
        message.Older = after;
        message.Newer = newer;
        message.Writer = thread;
        message.Site = site;
        older.Newer = index;
        ref Location location = ref _table[cell];
        location.Count++;
        if (newer >= 0)
        {
            _messages[newer].Older = index;
        }
        else
        {
            location.Newest = index;
            StoreNewest(in location, value);
        }

        if (location.Count > _options.History)
            DropOldest(cell);
        _times?.Add(time);
        return index;
    }

    /// <summary>Under sc a history is its newest write.</summary>
    private int Append(int thread, int cell, ulong value, int site)
    {
        ref Location location = ref _table[cell];
        ref Message message = ref _messages[location.Newest];
        message.Value = value;
        message.Writer = thread;
        message.Site = site;
        StoreNewest(in location, value);
        return location.Newest;
    }

    /// <summary>The cell's value with the access's bytes in it; a cell of several sizes starts from its newest value.</summary>
    private ulong Overlay(int cell, nuint address, int size, ulong value)
    {
        ref Location location = ref _table[cell];
        if (location.Size == size)
            return value;
        int shift = (int)(8 * (address - location.Address));
        return (_messages[location.Newest].Value & ~(Mask(size) << shift)) | (value << shift);
    }
}
