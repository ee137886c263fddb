using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;

namespace Verify.Checker.Races;

/// <content>What is kept of each location's accesses, and the judgement of two that are not ordered.</content>
public sealed partial class RaceDetector
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref LocationAccesses At(int location)
    {
        if (location >= _count)
            Add(location);
        return ref _locations[location];
    }

    private void Add(int location)
    {
        if (location >= _locations.Length)
            Array.Resize(ref _locations, Math.Max(location + 1, _locations.Length * 2));
        Array.Clear(_locations, _count, location + 1 - _count);
        _count = location + 1;
    }

    private static AccessSlot Slot(int thread, int clock, byte bytes, AccessKind kind, int site) => new()
    {
        Clock = clock,
        Site = site,
        Thread = (short)thread,
        Kind = (byte)kind,
        Bytes = bytes,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(
        ref AccessSlot earlier, int location, in AccessSlot access, ReadOnlySpan<int> clock, nuint owner, bool firstWrote, bool secondWrites)
    {
        if (earlier.VectorRow != 0)
            CheckVector(ref earlier, location, in access, clock, owner, firstWrote, secondWrites);
        else if (earlier.Clock > clock[earlier.Thread])
            Judge(in earlier, location, in access, owner, firstWrote, secondWrites);
    }

    private void CheckVector(
        ref AccessSlot earlier, int location, in AccessSlot access, ReadOnlySpan<int> clock, nuint owner, bool firstWrote, bool secondWrites)
    {
        int row = earlier.VectorRow - 1;
        ReadOnlySpan<int> clocks = _vectors.Clocks(row);
        for (int thread = 0; thread < clocks.Length && thread < clock.Length; thread++)
        {
            if (clocks[thread] > clock[thread])
                Judge(_vectors.Get(row, thread), location, in access, owner, firstWrote, secondWrites);
        }
    }

    private void Judge(in AccessSlot first, int location, in AccessSlot second, nuint owner, bool firstWrote, bool secondWrites)
    {
        if ((first.Bytes & second.Bytes) == 0)
            return;
        if (firstWrote && owner == 0 && _ownerOf != null)
            owner = _ownerOf(location);
        if (firstWrote && owner != 0)
        {
            ReadOnlySpan<int> published = _order.Published(owner);
            if (!published.IsEmpty && first.Clock <= published[first.Thread])
                return;
        }

        RacesInExecution++;
        RaceClass race = Classify(in first, location, in second, firstWrote, secondWrites);
        (RaceClass, int, int) key = (race, Math.Min(first.Site, second.Site), Math.Max(first.Site, second.Site));
        ref (RaceClass, int, int) recent = ref _recent[(uint)((key.Item2 * 31) + key.Item3) % RecentRaces];
        if (recent == key)
            return;
        recent = key;
        if (!_known.Add(key))
            return;
        ReadOnlySpan<int> pending = _order.Pending(second.Thread);
        MissingEdge missing = !pending.IsEmpty && first.Clock <= pending[first.Thread] ? MissingEdge.ReadBarrier
            : _order.Clock(first.Thread)[first.Thread] == first.Clock ? MissingEdge.Release
            : MissingEdge.Acquire;
        RaceReport report = new(race, Side(in first, firstWrote), Side(in second, secondWrites), missing);
        _reports.Add(report);
        _onNew?.Invoke(report);
    }

    private RaceClass Classify(in AccessSlot first, int location, in AccessSlot second, bool firstWrote, bool secondWrites)
    {
        AccessKind either = (AccessKind)(first.Kind | second.Kind);
        if ((either & RacingKinds) != 0)
            return RaceClass.PlainVolatile;
        if ((either & AccessKind.Piece) != 0)
            return RaceClass.Torn;
        bool spins = (!firstWrote && _spins.IsSpinning(first.Thread, first.Site, location))
            || (!secondWrites && _spins.IsSpinning(second.Thread, second.Site, location));
        return spins ? RaceClass.PlainSpin : RaceClass.PlainPlain;
    }

    private static RaceSide Side(in AccessSlot access, bool wrote) => new(access.Thread, access.Site, (AccessKind)access.Kind, wrote);

    private void Note(ref AccessSlot slot, in AccessSlot access, ReadOnlySpan<int> clock)
    {
        if (slot.VectorRow != 0)
        {
            WidenVectors();
            _vectors.Put(slot.VectorRow - 1, in access);
        }
        else if (slot.Thread == access.Thread && slot.Clock == access.Clock)
        {
            slot.Bytes |= access.Bytes;
            slot.Site = access.Site;
            slot.Kind = access.Kind;
        }
        else if (slot.Clock <= clock[slot.Thread])
        {
            slot = access;
        }
        else
        {
            WidenVectors();
            int row = _vectors.Take();
            _vectors.Put(row, in slot);
            _vectors.Put(row, in access);
            slot.VectorRow = row + 1;
        }
    }

    private void Forget(ref AccessSlot slot, byte bytes)
    {
        if (slot.VectorRow != 0)
            _vectors.Free(slot.VectorRow - 1);
        else if ((slot.Bytes & ~bytes) != 0)
            return;
        slot = default;
    }

    private void Inherit(ref AccessSlot whole, in AccessSlot part)
    {
        if (whole.IsEmpty)
            whole = part;
        else if (part.VectorRow != 0)
            _vectors.Free(part.VectorRow - 1);
    }

    private void WidenVectors()
    {
        if (_vectorWidth == _order.Width)
            return;
        _vectorWidth = _order.Width;
        _vectors.Widen(_vectorWidth);
    }
}
