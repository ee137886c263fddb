namespace Verify.Checker.Races;

/// <summary>
/// The accesses of one sort to one location that a later access may race with: the last one (FastTrack's epoch), or, once two were not ordered,
/// the last of every thread (a row of <see cref="AccessVectors"/>).
/// </summary>
internal struct AccessSlot
{
    internal int Clock;      // 0: no access
    internal int Site;
    internal int VectorRow;  // row + 1; 0: the epoch in this struct
    internal short Thread;
    internal byte Kind;
    internal byte Bytes;     // of the granule; a merged location's accesses may be disjoint

    internal readonly bool IsEmpty => Clock == 0 && VectorRow == 0;
}

/// <summary>The races of one location: four sorts of access. Sync stands for volatile and Interlocked.</summary>
internal struct LocationAccesses
{
    internal AccessSlot PlainWrites;
    internal AccessSlot PlainReads;
    internal AccessSlot SyncWrites;
    internal AccessSlot SyncReads;
}

/// <summary>Rows with the last access of every thread.</summary>
internal sealed class AccessVectors(int width)
{
    private readonly ClockBank _clocks = new(width);
    private readonly ClockBank _sites = new(width);
    private readonly ClockBank _kinds = new(width);  // kind, and bytes from bit 8
    private int[] _freed = new int[16];
    private int _freedCount;
    private int _rows;

    internal int Take()
    {
        int row = _freedCount > 0 ? _freed[--_freedCount] : _rows++;
        _clocks.Need(row);
        _sites.Need(row);
        _kinds.Need(row);
        _clocks.Zero(row);
        return row;
    }

    internal void Free(int row)
    {
        if (_freedCount == _freed.Length)
            Array.Resize(ref _freed, _freedCount * 2);
        _freed[_freedCount++] = row;
    }

    internal ReadOnlySpan<int> Clocks(int row) => _clocks[row];

    internal void Put(int row, in AccessSlot access)
    {
        _clocks.At(row, access.Thread) = access.Clock;
        _sites.At(row, access.Thread) = access.Site;
        _kinds.At(row, access.Thread) = access.Kind | (access.Bytes << 8);
    }

    internal AccessSlot Get(int row, int thread)
    {
        int kind = _kinds.At(row, thread);
        return new AccessSlot
        {
            Clock = _clocks.At(row, thread),
            Site = _sites.At(row, thread),
            Thread = (short)thread,
            Kind = (byte)kind,
            Bytes = (byte)(kind >> 8),
        };
    }

    internal void Widen(int newWidth)
    {
        _clocks.Widen(newWidth);
        _sites.Widen(newWidth);
        _kinds.Widen(newWidth);
    }

    internal void Clear()
    {
        _clocks.Clear();
        _sites.Clear();
        _kinds.Clear();
        _rows = 0;
        _freedCount = 0;
    }
}
