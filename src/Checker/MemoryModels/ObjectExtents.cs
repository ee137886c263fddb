namespace Verify.Checker.MemoryModels;

/// <summary>Which object of an <see cref="ObjectTable"/> an address lies in.</summary>
/// <remarks>
/// Sizes are read from the method table, whose first words have not changed since .NET Core 1: component size and flags, base size.
/// The tests of safe publication find objects, arrays and structs in objects by them. As long as nothing moves, extents are disjoint.
/// </remarks>
internal sealed unsafe class ObjectExtents(ObjectTable objects)
{
    private const uint HasComponents = 0x80000000;

    private readonly List<(nuint Start, nuint End, ulong Number)> _sorted = [];
    private int _seen = 1;

    /// <summary>The object's number; 0 if the address is in none of them.</summary>
    internal ulong Find(nuint address)
    {
        if (_seen != objects.Count)
            CatchUp();
        int low = 0;
        int high = _sorted.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_sorted[middle].Start <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && address < _sorted[low - 1].End ? _sorted[low - 1].Number : 0;
    }

    internal void Clear()
    {
        _sorted.Clear();
        _seen = 1;
    }

    /// <summary>Bytes the object takes, header and padding included.</summary>
    internal static nuint SizeOf(object o)
    {
        byte* start = (byte*)ObjectTable.AddressOf(o);
        uint* table = *(uint**)start;
        nuint size = table[1];
        if ((table[0] & HasComponents) != 0)
            size += (nuint)(ushort)table[0] * *(uint*)(start + sizeof(nuint));
        return (size + (nuint)sizeof(nuint) - 1) & ~((nuint)sizeof(nuint) - 1);
    }

    private void CatchUp()
    {
        for (; _seen < objects.Count; _seen++)
        {
            object o = objects[(ulong)_seen]!;
            nuint start = ObjectTable.AddressOf(o);
            _sorted.Add((start, start + SizeOf(o) - (nuint)sizeof(nuint), (ulong)_seen));  // the header is before the address
        }

        _sorted.Sort(static (a, b) => a.Start.CompareTo(b.Start));
    }
}
