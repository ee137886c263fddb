namespace Verify.Checker.MemoryModels;

/// <summary>The distinct times of all writes so far, ascending. Every view and every read time is one of them, so these bound all gaps.</summary>
internal sealed class TimeLine
{
    private long[] _times = new long[64];

    internal int Count { get; private set; }

    internal long this[int index] => _times[index];

    internal long Last => Count == 0 ? 0 : _times[Count - 1];

    internal void Add(long time)
    {
        int at = FirstAbove(time);
        if (at > 0 && _times[at - 1] == time)
            return;
        if (Count == _times.Length)
            Array.Resize(ref _times, Count * 2);
        Array.Copy(_times, at, _times, at + 1, Count - at);
        _times[at] = time;
        Count++;
    }

    /// <summary>Index of the first time greater than <paramref name="time"/>; <see cref="Count"/> if there is none.</summary>
    internal int FirstAbove(long time)
    {
        // From the end: writes mostly append, and floors are mostly recent.
        int i = Count;
        while (i > 0 && _times[i - 1] > time)
            i--;
        return i;
    }

    internal void Clear() => Count = 0;
}
