namespace Verify.Checker.Races;

/// <summary>Notices a thread that reads one location at one site again and again with nothing acquiring in between.</summary>
internal sealed class SpinWatch
{
    private const int Ways = 8;      // sites a thread may interleave in its loop; more are forgotten, which only misses spins
    private const int SpinReads = 3;

    private struct Entry
    {
        internal int Site;
        internal int Location;
        internal int Reads;
        internal int Round;
    }

    private Entry[] _entries = new Entry[16 * Ways];
    private int[] _round = new int[16];  // of a thread; advanced by all that acquires, for across that no read is hoisted

    internal void Read(int thread, int site, int location)
    {
        Need(thread);
        ref Entry entry = ref _entries[(thread * Ways) + (site & (Ways - 1))];
        if (entry.Site == site && entry.Location == location && entry.Round == _round[thread])
            entry.Reads++;
        else
            entry = new Entry { Site = site, Location = location, Reads = 1, Round = _round[thread] };
    }

    internal bool IsSpinning(int thread, int site, int location)
    {
        Need(thread);
        ref Entry entry = ref _entries[(thread * Ways) + (site & (Ways - 1))];
        return entry.Site == site && entry.Location == location && entry.Round == _round[thread] && entry.Reads >= SpinReads;
    }

    internal void Acquired(int thread)
    {
        Need(thread);
        _round[thread]++;
    }

    internal void Clear()
    {
        // Every entry is of an earlier round from here on.
        for (int thread = 0; thread < _round.Length; thread++)
            _round[thread]++;
    }

    private void Need(int thread)
    {
        if (thread < _round.Length)
            return;
        int threads = Math.Max(thread + 1, _round.Length * 2);
        Array.Resize(ref _round, threads);
        Array.Resize(ref _entries, threads * Ways);
    }
}
