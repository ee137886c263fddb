using System.Runtime.InteropServices;

namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>A set of integer sequences, kept whole: no two are ever confused, as hashes alone might be.</summary>
internal sealed class StateSet
{
    private int[] _slots = new int[1024];  // index of the sequence + 1
    private int[] _ends = new int[512];    // sequence i is _content[_ends[i - 1] .. _ends[i]]
    private short[] _content = new short[8192];
    private int _used;

    internal int Count { get; private set; }

    /// <returns>Whether it is new.</returns>
    internal bool Add(ReadOnlySpan<short> sequence)
    {
        if (Count * 2 >= _slots.Length)
            Grow();
        ref int slot = ref Find(sequence);
        if (slot != 0)
            return false;
        if (_used + sequence.Length > _content.Length)
            Array.Resize(ref _content, Math.Max(_content.Length * 2, _used + sequence.Length));
        sequence.CopyTo(_content.AsSpan(_used));
        _used += sequence.Length;
        if (Count == _ends.Length)
            Array.Resize(ref _ends, Count * 2);
        _ends[Count++] = _used;
        slot = Count;
        return true;
    }

    internal void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
        _used = 0;
    }

    private ReadOnlySpan<short> Sequence(int i)
    {
        int start = i == 0 ? 0 : _ends[i - 1];
        return _content.AsSpan(start, _ends[i] - start);
    }

    private ref int Find(ReadOnlySpan<short> sequence)
    {
        HashCode hash = default;
        hash.AddBytes(MemoryMarshal.AsBytes(sequence));
        int mask = _slots.Length - 1;
        int i = hash.ToHashCode() & mask;
        while (_slots[i] != 0 && !Sequence(_slots[i] - 1).SequenceEqual(sequence))
            i = (i + 1) & mask;
        return ref _slots[i];
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (int i = 0; i < Count; i++)
            Find(Sequence(i)) = i + 1;
    }
}
