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
/// that has its own; where bytes of one location are accessed apart, only the last ordered access is kept; of plain writes only the last is kept,
/// ordered or not; and a spin through more than eight sites is a plain race.
/// </para>
/// <para>Not thread-safe; no allocation once its tables have grown, except for a race not reported before.</para>
/// </remarks>
public sealed partial class RaceDetector : IAccessObserver
{
    private const int RecentRaces = 1024;
    private const AccessKind SyncKinds = AccessKind.Volatile | AccessKind.Interlocked;
    private const AccessKind RacingKinds = SyncKinds | AccessKind.Relaxed;  // no race among themselves

    private readonly HappensBefore _order = new();
    private readonly SpinWatch _spins = new();
    private readonly AccessVectors _vectors = new(16);
    private readonly HashSet<(RaceClass Class, int Site, int OtherSite)> _known = [];
    private readonly (RaceClass Class, int Site, int OtherSite)[] _recent = new (RaceClass, int, int)[RecentRaces];  // some of _known, faster
    private readonly List<RaceReport> _reports = [];
    private readonly Action<RaceReport>? _onNew;
    private readonly Func<int, nuint>? _ownerOf;
    private LocationAccesses[] _locations = new LocationAccesses[512];
    private int _count;
    private int _vectorWidth = 16;

    /// <param name="onNew">Called at the second access of a race not reported before, while both threads stand where they raced; or null.</param>
    /// <param name="ownerOf">
    /// Finds the object that a location is part of, by its handle, 0 for none, where the accesses do not name it; asked when two accesses conflict.
    /// </param>
    public RaceDetector(Action<RaceReport>? onNew = null, Func<int, nuint>? ownerOf = null)
    {
        _onNew = onNew;
        _ownerOf = ownerOf;
        Array.Fill(_recent, ((RaceClass)(-1), 0, 0));
    }

    /// <summary>Every race of a class between two sites once, over all executions, in the order found.</summary>
    public IReadOnlyList<RaceReport> Reports => _reports;

    /// <summary>Races met in the current execution, those already reported included.</summary>
    public int RacesInExecution { get; private set; }

    /// <summary>Begins to report anew: races already reported are new again.</summary>
    public void ForgetReports()
    {
        _known.Clear();
        _reports.Clear();
        Array.Fill(_recent, ((RaceClass)(-1), 0, 0));
    }

    public void OnRead(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner)
    {
        Span<int> clock = _order.Clock(thread);
        if ((kind & RacingKinds) != 0)
        {
            if ((kind & SyncKinds) != 0)
            {
                _order.AcquireRead(thread, message);
                _spins.Acquired(thread);
            }
            else
            {
                _order.PlainRead(thread, message);
            }

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
        if ((kind & RacingKinds) != 0)
        {
            Note(ref accesses.SyncWrites, in write, clock);
            if ((kind & SyncKinds) != 0)
                _order.ReleaseWrite(thread, message);
            else
                _order.PlainWrite(thread, message);
        }
        else
        {
            Check(ref accesses.SyncWrites, location, in write, clock, owner, firstWrote: true, secondWrites: true);
            Check(ref accesses.SyncReads, location, in write, clock, owner, firstWrote: false, secondWrites: true);

            // Whoever races with an access before this write also races with this write, or was reported with it.
            Forget(ref accesses.PlainReads, bytes);
            Forget(ref accesses.SyncReads, bytes);
            Forget(ref accesses.SyncWrites, bytes);
            accesses.PlainWrites = write;
            _order.PlainWrite(thread, message);
        }

        if ((kind & AccessKind.Reference) != 0 && value != 0)
            _order.Publish(thread, (nuint)value);
    }

    public void OnInterlocked(
        int thread, int location, byte bytes, int read, int written, AccessKind kind, int site, nuint owner, ulong value, ulong old)
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
}
