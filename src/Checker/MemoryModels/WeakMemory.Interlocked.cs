namespace Verify.Checker.MemoryModels;

/// <content>Interlocked operations: a read and a write with nothing in between, and a full fence on both sides.</content>
public sealed partial class WeakMemory<TStore>
{
    private enum Update
    {
        Exchange,
        CompareExchange,
        Add,
        And,
        Or,
    }

    /// <summary>Interlocked.Exchange.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="address">A multiple of <paramref name="size"/>.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">The new value.</param>
    /// <param name="kind"><see cref="AccessKind.Reference"/> and <see cref="AccessKind.HeapInstance"/> where they apply.</param>
    /// <param name="site">The caller's number for the place in the code.</param>
    /// <param name="owner">Handle of the object the location is a field of, 0 for none; for the observer.</param>
    /// <returns>The original value, zero-extended; of this method as of all below.</returns>
    public ulong Exchange(int thread, nuint address, int size, ulong value, AccessKind kind, int site, nuint owner = 0) =>
        Interlock(thread, address, size, Update.Exchange, value, 0, kind, site, owner);

    /// <summary>Interlocked.CompareExchange; with twice the same value also Interlocked.Read.</summary>
    public ulong CompareExchange(
        int thread, nuint address, int size, ulong value, ulong comparand, AccessKind kind, int site, nuint owner = 0) =>
        Interlock(thread, address, size, Update.CompareExchange, value, comparand, kind, site, owner);

    /// <summary>Interlocked.Add, Increment and Decrement, but for the result: it is the original value here.</summary>
    public ulong Add(int thread, nuint address, int size, ulong value, AccessKind kind, int site, nuint owner = 0) =>
        Interlock(thread, address, size, Update.Add, value, 0, kind, site, owner);

    /// <summary>Interlocked.And.</summary>
    public ulong And(int thread, nuint address, int size, ulong value, AccessKind kind, int site, nuint owner = 0) =>
        Interlock(thread, address, size, Update.And, value, 0, kind, site, owner);

    /// <summary>Interlocked.Or.</summary>
    public ulong Or(int thread, nuint address, int size, ulong value, AccessKind kind, int site, nuint owner = 0) =>
        Interlock(thread, address, size, Update.Or, value, 0, kind, site, owner);

    private ulong Interlock(
        int thread, nuint address, int size, Update update, ulong operand, ulong comparand, AccessKind kind, int site, nuint owner)
    {
        if (!IsAtomic(address, size))
            throw new ArgumentException($"An Interlocked operation on {size} bytes at {address:x} is misaligned; align the location to its size.");
        ulong mask = Mask(size);
        operand &= mask;
        comparand &= mask;
        int cell = Locate(address, size, kind);
        Slot slot = _ordered
            ? ChooseUpdate(thread, cell, address, size, update, comparand, site)
            : NewestUpdate(cell, address, size, update, comparand);
        ulong old = Extract(_messages[slot.Message].Value, _table[cell].Address, address, size);
        ulong value = Updated(update, old, operand) & mask;
        int written = -1;
        if (!slot.IsRead)
            written = Store(thread, cell, slot, Overlay(cell, address, size, value), kind, site);
        else if (_ordered)
            Fail(thread, cell, slot, kind);
        _observer?.OnInterlocked(
            thread, cell, BytesOf(address, size), slot.Message, written, kind | AccessKind.Interlocked, site, owner, value, old);
        return old;
    }

    private static ulong Updated(Update update, ulong old, ulong operand) => update switch
    {
        Update.Add => old + operand,
        Update.And => old & operand,
        Update.Or => old | operand,
        _ => operand,
    };

    private int Store(int thread, int cell, Slot slot, ulong value, AccessKind kind, int site)
    {
        if (!_ordered)
            return Append(thread, cell, value, site);

        ref Message read = ref _messages[slot.Message];
        read.ReadTime = Math.Max(read.ReadTime, slot.Time);  // nothing may come between the two
        read.Seen |= SeenBit(thread);
        int written = Insert(thread, cell, slot.Message, slot.Time, value, 0, site);
        ref ThreadView view = ref ViewOf(thread);
        view.ReadView = view.WriteView = view.LastRead = view.LastWrite = view.LastRelease = slot.Time;
        if ((kind & AccessKind.Reference) != 0)
            view.AddressView = slot.Time;
        if ((kind & AccessKind.HeapInstance) != 0)
            view.HeapWrite = slot.Time;
        LastAccessTime = slot.Time;
        Watch?.OnWrite(thread, site, slot.Time);
        return written;
    }

    private void Fail(int thread, int cell, Slot slot, AccessKind kind)
    {
        ref ThreadView view = ref ViewOf(thread);
        if (_failedCasAcquires)
        {
            Perform(ref view, thread, slot.Message, FailFloor(in view), kind | AccessKind.Volatile, _table[cell].AppendOnly);
            return;
        }

        // The floor holds all own writes, so the read cannot be a forwarded one.
        Perform(ref view, thread, slot.Message, view.All, kind, _table[cell].AppendOnly);
        view.ReadView = view.WriteView = view.LastRead = LastAccessTime;
    }

    private long FailFloor(in ThreadView view) => _failedCasAcquires ? Math.Max(view.ReadView, view.LastRelease) : view.All;

    private Slot NewestUpdate(int cell, nuint address, int size, Update update, ulong comparand) =>
        new(0, _table[cell].Newest, IsRead: !Succeeds(_table[cell].Newest, cell, address, size, update, comparand));

    private bool Succeeds(int message, int cell, nuint address, int size, Update update, ulong comparand) =>
        update != Update.CompareExchange || Extract(_messages[message].Value, _table[cell].Address, address, size) == comparand;

    private Slot ChooseUpdate(int thread, int cell, nuint address, int size, Update update, ulong comparand, int site)
    {
        ref ThreadView view = ref ViewOf(thread);
        long floor = Math.Max(view.All, CoherenceFloor(cell, thread));
        if (_options.Placement != Placement.Delays)
            return ChooseUpdateSlot(thread, cell, floor, address, size, update, comparand, site);

        int after;
        long time;
        if (!_placed || _table[cell].AppendOnly)
            time = OnTop(cell, floor, out after);
        else
            time = FirstFree(cell, Math.Max(_now, floor) + Step, out after);
        _now = Math.Max(_now, time);
        if (!Succeeds(after, cell, address, size, update, comparand))
            return new Slot(0, after, IsRead: true);
        if (_table[cell].Count >= _options.History && after == _table[cell].Oldest)
        {
            time = OnTop(cell, floor, out after);
            return new Slot(time, after, IsRead: !Succeeds(after, cell, address, size, update, comparand));
        }

        return new Slot(time, after, IsRead: false);
    }

    /// <summary>Every place the operation may take, and every write a failing one may read; the newest first.</summary>
    private Slot ChooseUpdateSlot(
        int thread, int cell, long floor, nuint address, int size, Update update, ulong comparand, int site)
    {
        _slots.Clear();
        int newest = _table[cell].Newest;
        if (_times != null && !_table[cell].AppendOnly)
            CollectSlots(thread, cell, floor);
        else
            _slots.Add(new Slot(Math.Max(Math.Max(_now, floor), LastTimeOf(cell)) + Step, newest, IsRead: false));

        if (update == Update.CompareExchange)
        {
            for (int i = _slots.Count - 1; i >= 0; i--)
            {
                if (!Succeeds(_slots[i].Message, cell, address, size, update, comparand))
                    _slots.RemoveAt(i);
            }

            CollectFailures(thread, cell, address, size, comparand);
        }

        Slot slot = _slots[_slots.Count == 1 ? 0 : _choices.Place(thread, _slots.Count, site)];
        _now = Math.Max(_now, slot.Time);
        if (!slot.IsRead)
            NoteOwnWrite(thread, slot.Time);
        return slot;
    }

    private void CollectFailures(int thread, int cell, nuint address, int size, ulong comparand)
    {
        ref ThreadView view = ref ViewOf(thread);
        long floor = FailFloor(in view);
        ulong bit = SeenBit(thread);
        int newest = _table[cell].Newest;
        for (int index = newest; index >= 0; index = _messages[index].Older)
        {
            if (!Succeeds(index, cell, address, size, Update.CompareExchange, comparand))
            {
                Slot failure = new(0, index, IsRead: true);
                if (index == newest)
                    _slots.Insert(0, failure);
                else
                    _slots.Add(failure);
            }

            if (EndsCandidates(ref _messages[index], floor, bit))
                break;
        }
    }
}
