namespace Verify.Checker.MemoryModels;

/// <summary>A cell of memory with a history of its own: a naturally aligned power of two of bytes within an 8-byte granule.</summary>
internal struct Location
{
    internal nuint Address;
    internal int Size;
    internal int NextInGranule;  // -1 ends the list of the granule's disjoint cells
    internal int Newest;
    internal int Oldest;
    internal int Count;
    internal bool IsReference;   // holds an object reference; its values are handles
    internal bool AppendOnly;    // touched with several sizes: its writes overlay the newest value and append
}

/// <summary>Address to location, by open addressing over 8-byte granules. Entries of earlier executions are told by their stamp.</summary>
internal sealed class ShadowTable
{
    private const ulong Golden = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio: Fibonacci hashing, Knuth vol. 3, 6.4

    private struct Entry
    {
        internal nuint Granule;
        internal int First;
        internal uint Stamp;
    }

    private Entry[] _entries = new Entry[1024];
    private int _shift = 64 - 10;
    private int _granules;
    private uint _stamp = 1;
    private Location[] _locations = new Location[512];

    internal int LocationCount { get; private set; }

    internal ref Location this[int index] => ref _locations[index];

    /// <summary>The first cell of the granule's list, to read or to relink; -1 in it when the granule is new. Valid until the next call.</summary>
    internal ref int FirstCell(nuint granule)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int i = (int)((granule * Golden) >> _shift);
        while (true)
        {
            ref Entry entry = ref entries[i];
            if (entry.Stamp != _stamp)
                return ref Claim(granule, i);
            if (entry.Granule == granule)
                return ref entry.First;
            i = (i + 1) & mask;
        }
    }

    /// <summary>A new location with an empty history, not yet linked. References into the table are invalid after it.</summary>
    internal int NewLocation(nuint address, int size, bool reference)
    {
        if (LocationCount == _locations.Length)
            Array.Resize(ref _locations, LocationCount * 2);
        _locations[LocationCount] = new Location
        {
            Address = address,
            Size = size,
            NextInGranule = -1,
            Newest = -1,
            Oldest = -1,
            IsReference = reference,
        };
        return LocationCount++;
    }

    internal void Clear()
    {
        LocationCount = 0;
        _granules = 0;
        if (++_stamp == 0)
        {
            Array.Clear(_entries);
            _stamp = 1;
        }
    }

    private ref int Claim(nuint granule, int i)
    {
        if (_granules * 2 >= _entries.Length)
        {
            Grow();
            return ref FirstCell(granule);
        }

        _granules++;
        ref Entry entry = ref _entries[i];
        entry = new Entry { Granule = granule, First = -1, Stamp = _stamp };
        return ref entry.First;
    }

    private void Grow()
    {
        Entry[] old = _entries;
        _entries = new Entry[old.Length * 2];
        _shift--;
        int mask = _entries.Length - 1;
        foreach (Entry entry in old)
        {
            if (entry.Stamp != _stamp)
                continue;
            int i = (int)((entry.Granule * Golden) >> _shift);
            while (_entries[i].Stamp == _stamp)
                i = (i + 1) & mask;
            _entries[i] = entry;
        }
    }
}
