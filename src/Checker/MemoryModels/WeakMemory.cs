using System.Diagnostics;

namespace Verify.Checker.MemoryModels;

/// <summary>
/// The memory of a controlled execution under a <see cref="MemoryModel"/>: one global time line, four instants a thread, a history of writes a
/// location. A read is performed at some instant not before its thread's read view and returns the newest write at that instant; a write
/// takes an instant after everything it must follow.
/// </summary>
/// <remarks>
/// Driven on line by a runtime that runs one thread at a time; not thread-safe. Threads and synchronization objects are small
/// non-negative numbers, sites any numbers, values up to 64 bits; object references are the caller's handles. No allocation once the
/// tables have grown to what an execution needs; <see cref="Reset"/> costs what the execution touched.
/// <para>
/// Naturally aligned accesses of up to 8 bytes are atomic, also when their sizes differ. A misaligned one is split into aligned
/// pieces, each an access of its own. The real memory, behind <typeparamref name="TStore"/>, always holds the newest write, so code that is not
/// instrumented may read it; what such code writes is noticed at the next access.
/// </para>
/// </remarks>
/// <typeparam name="TStore">The real memory; a struct, so that reaching it costs nothing.</typeparam>
public sealed partial class WeakMemory<TStore>
    where TStore : struct, IBackingStore
{
    /// <summary>Distance of two appended writes; the slack leaves room for twenty halvings.</summary>
    private const long Step = 1L << 20;

    private readonly TStore _store;
    private readonly MemoryModelOptions _options;
    private readonly IWeakChoices _choices;
    private readonly IAccessObserver? _observer;
    private readonly bool _everyReadAcquires;
    private readonly bool _placed;
    private readonly bool _ordered;  // false under sc, where the views are not kept
    private readonly bool _failedCasAcquires;
    private readonly long _horizon;

    private readonly ShadowTable _table = new();
    private readonly MessagePool _messages = new();
    private readonly TimeLine? _times;
    private ThreadView[] _views = new ThreadView[16];
    private long[] _syncRelease = new long[64];
    private ThreadView _newcomer;  // what a thread that no controlled thread started begins with
    private int _threads;
    private int _syncs;
    private long _now;
    private uint _writes;  // varies the low bits of delays

    /// <param name="store">The real memory.</param>
    /// <param name="options">Model, variants and bounds.</param>
    /// <param name="choices">Answers the machine's questions.</param>
    /// <param name="observer">Told of every operation, or null.</param>
    public WeakMemory(TStore store, MemoryModelOptions options, IWeakChoices choices, IAccessObserver? observer = null)
    {
        _store = store;
        _options = options;
        _choices = choices;
        _observer = observer;
        _everyReadAcquires = options.Model.EveryReadAcquires;
        _placed = options.Model.PlacedWrites && options.Placement != Placement.AppendOnly
            && (options.Placement != Placement.Delays || options.Delay > 0);
        _ordered = options.Model.StaleReads;
        _failedCasAcquires = options.CasFail == CasFail.Acquire && !_everyReadAcquires;
        _horizon = options.Horizon * Step;
        if (_placed && options.Placement is Placement.Complete or Placement.Practical)
            _times = new TimeLine();
    }

    public MemoryModelOptions Options => _options;

    /// <summary>Told at what times accesses are performed, or null.</summary>
    internal IMemoryWatch? Watch { get; set; }

    /// <summary>When the last read of the machine was performed; for <see cref="DependencyHint.At"/>.</summary>
    public long LastAccessTime { get; private set; }

    /// <summary>Number of distinct locations touched in this execution, merged ones included.</summary>
    public int LocationCount => _table.LocationCount;

    /// <summary>Forgets everything: the next access begins a new execution on what the real memory then holds.</summary>
    public void Reset()
    {
        _table.Clear();
        _messages.Clear();
        _times?.Clear();
        _newcomer = default;
        Array.Clear(_syncRelease, 0, _syncs);
        _threads = 0;
        _syncs = 0;
        _now = 0;
        _writes = 0;
        if (_options.Placement == Placement.Practical)
            Array.Clear(_ownWrites);
        _observer?.OnReset();
    }

    /// <summary>Forgets the histories of a range whose memory was freed or reused; what it then holds is seen by every thread.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    public void Forget(nuint address, nuint length)
    {
        if (length == 0)
            return;
        for (nuint granule = address >> 3; granule <= (address + length - 1) >> 3; granule++)
        {
            ref int link = ref _table.FirstCell(granule);
            int cell = link;
            link = -1;
            for (; cell >= 0; cell = _table[cell].NextInGranule)
                DropHistory(cell);
        }
    }

    internal ref readonly ThreadView View(int thread) => ref ViewOf(thread);

    internal ref readonly Location LocationAt(int index) => ref _table[index];

    internal ref readonly Message MessageAt(int index) => ref _messages[index];

    internal long SyncTime(int sync) => SyncOf(sync);

    /// <summary>The location of an address the litmus explorer inspects; -1 if it was not touched.</summary>
    internal int FindLocation(nuint address, int size)
    {
        for (int cell = _table.FirstCell(address >> 3); cell >= 0; cell = _table[cell].NextInGranule)
        {
            if (_table[cell].Address == address && _table[cell].Size == size)
                return cell;
        }

        return -1;
    }

    private ref ThreadView ViewOf(int thread)
    {
        if (thread >= _threads)
        {
            if (thread >= _views.Length)
                Array.Resize(ref _views, Math.Max(thread + 1, _views.Length * 2));
            for (; _threads <= thread; _threads++)
                _views[_threads] = _newcomer;
        }

        return ref _views[thread];
    }

    private ref long SyncOf(int sync)
    {
        if (sync >= _syncs)
        {
            if (sync >= _syncRelease.Length)
                Array.Resize(ref _syncRelease, Math.Max(sync + 1, _syncRelease.Length * 2));
            _syncs = sync + 1;
        }

        return ref _syncRelease[sync];
    }

    private WriteMark MarkOf(int message) => new(_messages[message].Writer, _messages[message].Site, _messages[message].Time);

    private static ulong SeenBit(int thread) => 1UL << (thread & 63);

    private static ulong Mask(int size) => size == 8 ? ulong.MaxValue : (1UL << (size * 8)) - 1;

    private static byte BytesOf(nuint address, int size) => (byte)(((1 << size) - 1) << (int)(address & 7));

    private static bool IsAtomic(nuint address, int size)
    {
        Debug.Assert(size is >= 1 and <= 8, "larger accesses are the caller's to split: AccessPieces");
        return (size & (size - 1)) == 0 && (address & (nuint)(size - 1)) == 0;
    }
}
