using Verify.Checker.MemoryModels;

namespace Verify.Checker.Races;

/// <summary>Data races by happens-before, from what the memory machine does.</summary>
/// <remarks>
/// FastTrack (Flanagan and Freund, PLDI 2009): the last access of each sort is an epoch, and grows into a vector when two were not ordered.
/// Volatile and Interlocked accesses synchronize; where they meet plain ones without order, that is reported as a class of its own. A field is also
/// ordered after its object's publication: what came before any store of a reference to the object counts as ordered for who gets at
/// its fields through a reference.
/// <para>
/// Deviations, all to the side of silence: a location's accesses are forgotten when it merges with others of another size into a location
/// that has its own; where bytes of one location are accessed apart, only the last ordered access is kept; and a spin through more than
/// eight sites is a plain race.
/// </para>
/// <para>Not thread-safe; no allocation once its tables have grown, except for a race not reported before.</para>
/// </remarks>
public sealed class RaceDetector : IAccessObserver
{
    private const AccessKind SyncKinds = AccessKind.Volatile | AccessKind.Interlocked;

    private readonly HappensBefore _order = new();
    private readonly SpinWatch _spins = new();
    private readonly AccessVectors _vectors = new(16);
    private readonly HashSet<(RaceClass Class, int Site, int OtherSite)> _known = [];
    private readonly List<RaceReport> _reports = [];
    private readonly Action<RaceReport>? _onNew;
    private LocationAccesses[] _locations = new LocationAccesses[512];
    private int _count;
    private int _vectorWidth = 16;

    /// <param name="onNew">Called at the second access of a race not reported before, while both threads stand where they raced; or null.</param>
    public RaceDetector(Action<RaceReport>? onNew = null) => _onNew = onNew;

    /// <summary>Every race of a class between two sites once, over all executions, in the order found.</summary>
    public IReadOnlyList<RaceReport> Reports => _reports;

    /// <summary>Races met in the current execution, those already reported included.</summary>
    public int RacesInExecution { get; private set; }

    public void OnRead(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner)
    {
        Span<int> clock = _order.Clock(thread);
        if ((kind & SyncKinds) != 0)
        {
            _order.AcquireRead(thread, message);
            _spins.Acquired(thread);
            ref LocationAccesses sync = ref At(location);
            AccessSlot volatileRead = Slot(thread, clock[thread], bytes, kind, site);
            Check(ref sync.PlainWrites, location, in volatileRead, clock, owner, firstWrote: true, secondWrites: false);
            Note(ref sync.SyncReads, in volatileRead, clock);
            return;
        }

        _order.PlainRead(thread, message);
        _spins.Read(thread, site, location);
        ref LocationAccesses accesses = ref At(location);
        AccessSlot read = Slot(thread, clock[thread], bytes, kind, site);
        Check(ref accesses.PlainWrites, location, in read, clock, owner, firstWrote: true, secondWrites: false);
        Check(ref accesses.SyncWrites, location, in read, clock, owner, firstWrote: true, secondWrites: false);
        Note(ref accesses.PlainReads, in read, clock);
    }

    public void OnWrite(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner, ulong value)
    {
        Span<int> clock = _order.Clock(thread);
        ref LocationAccesses accesses = ref At(location);
        AccessSlot write = Slot(thread, clock[thread], bytes, kind, site);
        Check(ref accesses.PlainWrites, location, in write, clock, owner, firstWrote: true, secondWrites: true);
        Check(ref accesses.PlainReads, location, in write, clock, owner, firstWrote: false, secondWrites: true);
        if ((kind & SyncKinds) != 0)
        {
            Note(ref accesses.SyncWrites, in write, clock);
            _order.ReleaseWrite(thread, message);
        }
        else
        {
            Check(ref accesses.SyncWrites, location, in write, clock, owner, firstWrote: true, secondWrites: true);
            Check(ref accesses.SyncReads, location, in write, clock, owner, firstWrote: false, secondWrites: true);

            // Whoever races with an access before this write also races with this write, or was reported with it.
            Forget(ref accesses.PlainReads, bytes);
            Forget(ref accesses.SyncReads, bytes);
            Forget(ref accesses.SyncWrites, bytes);
            Note(ref accesses.PlainWrites, in write, clock);
            _order.PlainWrite(thread, message);
        }

        if ((kind & AccessKind.Reference) != 0 && value != 0)
            _order.Publish(thread, (nuint)value);
    }

    public void OnInterlocked(
        int thread, int location, byte bytes, int read, int written, AccessKind kind, int site, nuint owner, ulong value)
    {
        Span<int> clock = _order.Clock(thread);
        int own = clock[thread];
        _order.Interlocked(thread, read, written);
        _spins.Acquired(thread);
        ref LocationAccesses accesses = ref At(location);
        AccessSlot access = Slot(thread, own, bytes, kind, site);
        Check(ref accesses.PlainWrites, location, in access, clock, owner, firstWrote: true, secondWrites: written >= 0);
        if (written >= 0)
        {
            Check(ref accesses.PlainReads, location, in access, clock, owner, firstWrote: false, secondWrites: true);
            Note(ref accesses.SyncWrites, in access, clock);
            if ((kind & AccessKind.Reference) != 0 && value != 0)
                _order.Publish(thread, (nuint)value);
        }
        else
        {
            Note(ref accesses.SyncReads, in access, clock);
        }
    }

    public void OnForeignMessage(int message) => _order.ForeignMessage(message);

    public void OnMerge(int from, int into)
    {
        LocationAccesses part = At(from);
        ref LocationAccesses whole = ref At(into);
        Inherit(ref whole.PlainWrites, in part.PlainWrites);
        Inherit(ref whole.PlainReads, in part.PlainReads);
        Inherit(ref whole.SyncWrites, in part.SyncWrites);
        Inherit(ref whole.SyncReads, in part.SyncReads);
        At(from) = default;
    }

    public void OnFence(int thread, FenceKind kind)
    {
        _order.Clock(thread);
        switch (kind)
        {
            case FenceKind.Full:
                _order.ReadBarrier(thread);
                _order.WriteBarrier(thread);
                break;
            case FenceKind.Read:
                _order.ReadBarrier(thread);
                break;
            case FenceKind.Write:
                _order.WriteBarrier(thread);
                break;
            case FenceKind.ProcessWide:
                _order.ProcessWideBarrier(thread);
                break;
        }

        if (kind != FenceKind.Write)
            _spins.Acquired(thread);
    }

    public void OnAcquire(int thread, int sync)
    {
        _order.Clock(thread);
        _order.Acquire(thread, sync);
        _spins.Acquired(thread);
    }

    public void OnRelease(int thread, int sync)
    {
        _order.Clock(thread);
        _order.Release(thread, sync);
    }

    public void OnStart(int parent, int child)
    {
        _order.Clock(Math.Max(parent, child));
        _order.Order(parent, child);
    }

    public void OnJoin(int waiter, int child)
    {
        _order.Clock(Math.Max(waiter, child));
        _order.Order(child, waiter);
        _spins.Acquired(waiter);
    }

    public void OnStaticConstructor(int thread)
    {
        _order.Clock(thread);
        _order.OrderBeforeAll(thread);
    }

    public void OnReset()
    {
        _order.Reset();
        _spins.Clear();
        _vectors.Clear();
        _count = 0;
        RacesInExecution = 0;
    }

    private ref LocationAccesses At(int location)
    {
        if (location >= _count)
        {
            if (location >= _locations.Length)
                Array.Resize(ref _locations, Math.Max(location + 1, _locations.Length * 2));
            Array.Clear(_locations, _count, location + 1 - _count);
            _count = location + 1;
        }

        return ref _locations[location];
    }

    private static AccessSlot Slot(int thread, int clock, byte bytes, AccessKind kind, int site) => new()
    {
        Clock = clock,
        Site = site,
        Thread = (short)thread,
        Kind = (byte)kind,
        Bytes = bytes,
    };

    private void Check(
        ref AccessSlot earlier, int location, in AccessSlot access, ReadOnlySpan<int> clock, nuint owner, bool firstWrote, bool secondWrites)
    {
        if (earlier.VectorRow == 0)
        {
            if (earlier.Clock > clock[earlier.Thread])
                Judge(in earlier, location, in access, owner, firstWrote, secondWrites);
            return;
        }

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
        if (firstWrote && owner != 0)
        {
            ReadOnlySpan<int> published = _order.Published(owner);
            if (!published.IsEmpty && first.Clock <= published[first.Thread])
                return;
        }

        RacesInExecution++;
        RaceClass race = Classify(in first, location, in second, firstWrote, secondWrites);
        if (!_known.Add((race, Math.Min(first.Site, second.Site), Math.Max(first.Site, second.Site))))
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
        if ((either & SyncKinds) != 0)
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
