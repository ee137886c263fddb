using System.Runtime.CompilerServices;

namespace Verify.Checker.MemoryModels;

/// <content>Which location an access touches: cells of one size keep histories of their own, cells touched with several sizes become one.</content>
public sealed partial class WeakMemory<TStore>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Locate(nuint address, int size, AccessKind kind)
    {
        int cell = _table.FirstCell(address >> 3);
        while (cell >= 0)
        {
            ref Location location = ref _table[cell];
            if (location.Address == address && location.Size == size)
            {
                if (LoadNewest(in location) != _messages[location.Newest].Value)
                    Resynchronize(cell);
                return cell;
            }

            cell = location.NextInGranule;
        }

        return LocateSlow(address, size, (kind & AccessKind.Reference) != 0);
    }

    private int LocateSlow(nuint address, int size, bool reference)
    {
        int containing = Containing(address, size);
        if (containing >= 0)
        {
            if (!_table[containing].AppendOnly)
                Collapse(containing, LastTimeOf(containing));
            else if (LoadNewest(in _table[containing]) != _messages[_table[containing].Newest].Value)
                Resynchronize(containing);
            return containing;
        }

        return Absorb(address, size, reference);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong LoadNewest(ref readonly Location location) =>
        location.IsReference ? _store.LoadReference(location.Address) : _store.Load(location.Address, location.Size);

    private void StoreNewest(ref readonly Location location, ulong value)
    {
        if (location.IsReference)
            _store.StoreReference(location.Address, value);
        else
            _store.Store(location.Address, location.Size, value);
    }

    private int Containing(nuint address, int size)
    {
        for (int cell = _table.FirstCell(address >> 3); cell >= 0; cell = _table[cell].NextInGranule)
        {
            ref Location location = ref _table[cell];
            if (location.Address <= address && address + (nuint)size <= location.Address + (nuint)location.Size)
                return cell;
        }

        return -1;
    }

    /// <summary>A cell for bounds that contain no less than every cell they overlap: aligned powers of two nest or are disjoint.</summary>
    private int Absorb(nuint address, int size, bool reference)
    {
        int cell = _table.NewLocation(address, size, reference);
        ref int first = ref _table.FirstCell(address >> 3);
        int kept = -1;
        int part = first;
        long last = -1;
        while (part >= 0)
        {
            int next = _table[part].NextInGranule;
            if (_table[part].Address >= address && _table[part].Address < address + (nuint)size)
            {
                last = Math.Max(last, LastTimeOf(part));
                DropHistory(part);
                _observer?.OnMerge(part, cell);
            }
            else
            {
                _table[part].NextInGranule = kept;
                kept = part;
            }

            part = next;
        }

        _table[cell].NextInGranule = kept;
        first = cell;
        if (last >= 0)
            Collapse(cell, last);
        else
            Push(cell, 0, seen: 0);
        return cell;
    }

    /// <summary>
    /// One message, the bytes memory now holds, known to every thread since <paramref name="time"/>; from here on the cell is append-only.
    /// </summary>
    private void Collapse(int cell, long time)
    {
        DropHistory(cell);
        _table[cell].AppendOnly = true;
        Push(cell, time, seen: ulong.MaxValue);
    }

    /// <summary>An unseen writer was here.</summary>
    private void Resynchronize(int cell)
    {
        long time = Math.Max(_now, LastTimeOf(cell)) + Step;
        _now = time;
        DropHistory(cell);
        Push(cell, time, seen: ulong.MaxValue);
    }

    private long LastTimeOf(int cell)
    {
        ref Message newest = ref _messages[_table[cell].Newest];
        return Math.Max(newest.Time, newest.ReadTime);
    }

    private void Push(int cell, long time, ulong seen)
    {
        int index = _messages.Take();
        ref Location location = ref _table[cell];
        _messages[index] = new Message
        {
            Time = time,
            ReadTime = time,
            Value = LoadNewest(in location),
            Seen = seen,
            Older = -1,
            Newer = -1,
            Writer = -1,
            Site = -1,
        };
        location.Newest = index;
        location.Oldest = index;
        location.Count = 1;
        _times?.Add(time);
        _observer?.OnForeignMessage(index);
    }

    private void DropHistory(int cell)
    {
        ref Location location = ref _table[cell];
        for (int message = location.Newest; message >= 0;)
        {
            int older = _messages[message].Older;
            _messages.Drop(message);
            message = older;
        }

        location.Newest = -1;
        location.Oldest = -1;
        location.Count = 0;
    }
}
