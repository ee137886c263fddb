namespace Verify.Checker.Races;

/// <summary>Which releases each thread has acquired: a vector clock a thread, and the clocks that messages, locks and objects carry.</summary>
/// <remarks>
/// Edges: a release write, or any write behind a WriteBarrier or a full fence, to the acquire read that returns it; to a plain read that returns
/// it, from that thread's next ReadBarrier or full fence on. An Interlocked operation passes on what it read. Locks, thread start and join,
/// static constructors, the process-wide barrier. A thread's own component advances after each release.
/// </remarks>
internal sealed class HappensBefore
{
    private const int InitialWidth = 16;

    private readonly ClockBank _threads = new(InitialWidth);
    private readonly ClockBank _pending = new(InitialWidth);   // released to the thread by plain reads, not yet acquired
    private readonly ClockBank _fenced = new(InitialWidth);    // clock at the thread's last WriteBarrier or full fence: what its plain writes carry
    private readonly ClockBank _messages = new(InitialWidth);
    private readonly ClockBank _syncs = new(InitialWidth);
    private readonly ClockBank _published = new(InitialWidth);
    private readonly Dictionary<nuint, int> _publishedRow = [];
    private bool[] _hasPending = new bool[InitialWidth];
    private bool[] _hasFenced = new bool[InitialWidth];
    private bool[] _messageReleases = new bool[256];
    private readonly ClockBank _everyone = new(InitialWidth);  // one row: what is before every thread, those not yet seen included
    private int _count;

    internal int Width { get; private set; } = InitialWidth;

    /// <summary>The thread's clock; it exists from the first call on.</summary>
    internal Span<int> Clock(int thread)
    {
        if (thread >= _count)
            Add(thread);
        return _threads[thread];
    }

    /// <summary>What the thread has read from releases by plain reads; empty if nothing.</summary>
    internal ReadOnlySpan<int> Pending(int thread) => _hasPending[thread] ? _pending[thread] : default;

    /// <summary>What every store of a reference to the object carried; empty if there was none.</summary>
    internal ReadOnlySpan<int> Published(nuint handle) => _publishedRow.TryGetValue(handle, out int row) ? _published[row] : default;

    internal void PlainRead(int thread, int message)
    {
        if (!Releases(message))
            return;
        if (!_hasPending[thread])
        {
            _hasPending[thread] = true;
            ClockBank.Copy(_messages[message], _pending[thread]);
        }
        else
        {
            ClockBank.Join(_messages[message], _pending[thread]);
        }
    }

    internal void AcquireRead(int thread, int message)
    {
        if (Releases(message))
            ClockBank.Join(_messages[message], _threads[thread]);
    }

    internal void PlainWrite(int thread, int message)
    {
        NeedMessage(message);
        _messageReleases[message] = _hasFenced[thread];
        if (_hasFenced[thread])
            ClockBank.Copy(_fenced[thread], _messages[message]);
    }

    internal void ReleaseWrite(int thread, int message)
    {
        NeedMessage(message);
        _messageReleases[message] = true;
        ClockBank.Copy(_threads[thread], _messages[message]);
        Advance(thread);
    }

    internal void Interlocked(int thread, int read, int written)
    {
        AcquireRead(thread, read);
        ReadBarrier(thread);
        if (written >= 0)
        {
            NeedMessage(written);
            _messageReleases[written] = true;
            ClockBank.Copy(_threads[thread], _messages[written]);
        }

        WriteBarrier(thread);
    }

    internal void ForeignMessage(int message)
    {
        NeedMessage(message);
        _messageReleases[message] = false;
    }

    internal void ReadBarrier(int thread)
    {
        if (!_hasPending[thread])
            return;
        _hasPending[thread] = false;
        ClockBank.Join(_pending[thread], _threads[thread]);
    }

    internal void WriteBarrier(int thread)
    {
        _hasFenced[thread] = true;
        ClockBank.Copy(_threads[thread], _fenced[thread]);
        Advance(thread);
    }

    internal void ProcessWideBarrier(int thread)
    {
        for (int other = 0; other < _count; other++)
            ReadBarrier(other);
        Span<int> joined = _fenced[thread];
        joined.Clear();
        for (int other = 0; other < _count; other++)
            ClockBank.Join(_threads[other], joined);
        for (int other = 0; other < _count; other++)
        {
            ClockBank.Copy(joined, _threads[other]);
            ClockBank.Copy(joined, _fenced[other]);
            _hasFenced[other] = true;
            Advance(other);
        }

        ClockBank.Copy(_fenced[thread], _everyone[0]);
    }

    /// <summary>A reference to the object was stored; its releasing half counts for that object's fields alone.</summary>
    internal void Publish(int thread, nuint handle)
    {
        if (!_publishedRow.TryGetValue(handle, out int row))
        {
            row = _publishedRow.Count;
            _publishedRow.Add(handle, row);
            _published.Need(row);
        }

        ClockBank.Join(_threads[thread], _published[row]);
        Advance(thread);
    }

    internal void Acquire(int thread, int sync)
    {
        _syncs.Need(sync);
        ClockBank.Join(_syncs[sync], _threads[thread]);
    }

    internal void Release(int thread, int sync)
    {
        _syncs.Need(sync);
        ClockBank.Join(_threads[thread], _syncs[sync]);
        Advance(thread);
    }

    /// <summary>What <paramref name="from"/> did comes before what <paramref name="into"/> does next: thread start, join.</summary>
    internal void Order(int from, int into)
    {
        ClockBank.Join(_threads[from], _threads[into]);
        Advance(from);
    }

    internal void OrderBeforeAll(int thread)
    {
        for (int other = 0; other < _count; other++)
        {
            if (other != thread)
                ClockBank.Join(_threads[thread], _threads[other]);
        }

        ClockBank.Join(_threads[thread], _everyone[0]);
        Advance(thread);
    }

    internal void Reset()
    {
        _threads.Clear();
        _pending.Clear();
        _fenced.Clear();
        _syncs.Clear();
        _published.Clear();
        _everyone.Clear();
        _publishedRow.Clear();
        Array.Clear(_hasPending);
        Array.Clear(_hasFenced);
        _count = 0;
    }

    private void Add(int thread)
    {
        if (thread >= Width)
            Widen(thread);
        _threads.Need(thread);
        _pending.Need(thread);
        _fenced.Need(thread);
        _everyone.Need(0);
        for (; _count <= thread; _count++)
        {
            ClockBank.Copy(_everyone[0], _threads[_count]);
            _threads.At(_count, _count) = 1;
        }
    }

    private void Widen(int thread)
    {
        while (thread >= Width)
            Width *= 2;
        foreach (ClockBank bank in (ClockBank[])[_threads, _pending, _fenced, _messages, _syncs, _published, _everyone])
            bank.Widen(Width);
        Array.Resize(ref _hasPending, Width);
        Array.Resize(ref _hasFenced, Width);
    }

    private bool Releases(int message) => message < _messageReleases.Length && _messageReleases[message];

    private void NeedMessage(int message)
    {
        _messages.Need(message);
        if (message >= _messageReleases.Length)
            Array.Resize(ref _messageReleases, Math.Max(message + 1, _messageReleases.Length * 2));
    }

    private void Advance(int thread) => _threads.At(thread, thread)++;
}
