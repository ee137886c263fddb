using System.Runtime.CompilerServices;

namespace Verify.Checker.MemoryModels;

/// <summary>Objects of an execution by number: what the machine knows a reference by. 0 is null.</summary>
/// <remarks>
/// Found by raw address, so numbers hold only as long as no object moves; who uses it gives up an execution in which one may have.
/// Objects stay alive until <see cref="Clear"/>, for a stale read may bring any of them back.
/// </remarks>
internal sealed class ObjectTable
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private object?[] _objects = new object?[256];
    private int[] _buckets = new int[512];  // number of an object, 0 for none
    private int _shift = 64 - 9;
    private int _count = 1;

    /// <summary>Numbers given out so far, 0 included.</summary>
    internal int Count => _count;

    internal object? this[ulong number] => _objects[number];

    /// <summary>The object's number, a new one if it has none.</summary>
    internal ulong NumberOf(object? o)
    {
        if (o is null)
            return 0;
        int[] buckets = _buckets;
        int mask = buckets.Length - 1;
        int at = (int)((AddressOf(o) * Golden) >> _shift);
        while (true)
        {
            int number = buckets[at];
            if (number == 0)
                return Add(o, at);
            if (ReferenceEquals(_objects[number], o))
                return (ulong)number;
            at = (at + 1) & mask;
        }
    }

    internal void Clear()
    {
        if (_count == 1)
            return;
        Array.Clear(_objects, 0, _count);
        Array.Clear(_buckets);
        _count = 1;
    }

    /// <summary>Where the object is now; it may move at the next collection.</summary>
    internal static nuint AddressOf(object o) => Unsafe.As<object, nuint>(ref o);

    private ulong Add(object o, int at)
    {
        if (_count * 2 >= _buckets.Length)
        {
            Grow();
            return NumberOf(o);
        }

        if (_count == _objects.Length)
            Array.Resize(ref _objects, _count * 2);
        _objects[_count] = o;
        _buckets[at] = _count;
        return (ulong)_count++;
    }

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 2];
        _shift--;
        int mask = _buckets.Length - 1;
        for (int number = 1; number < _count; number++)
        {
            int at = (int)((AddressOf(_objects[number]!) * Golden) >> _shift);
            while (_buckets[at] != 0)
                at = (at + 1) & mask;
            _buckets[at] = number;
        }
    }
}
