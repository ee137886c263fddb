using System.Numerics;

namespace Verify.Checker.Races;

/// <summary>Vector clocks of one width, side by side in one array. Component t counts thread t's releases; 0 is before everything.</summary>
internal sealed class ClockBank
{
    private int[] _clocks;
    private int _width;
    private int _rows;

    /// <param name="width">Components a clock; a multiple of 8.</param>
    internal ClockBank(int width)
    {
        _width = width;
        _clocks = new int[width * 16];
    }

    internal Span<int> this[int row] => _clocks.AsSpan(row * _width, _width);

    internal ref int At(int row, int thread) => ref _clocks[(row * _width) + thread];

    /// <summary>Makes the row usable; it is zero if it was not since the last <see cref="Clear"/>.</summary>
    internal void Need(int row)
    {
        if (row < _rows)
            return;
        if ((row + 1) * _width > _clocks.Length)
            Array.Resize(ref _clocks, Math.Max((row + 1) * _width, _clocks.Length * 2));
        _rows = row + 1;
    }

    internal void Zero(int row) => this[row].Clear();

    internal static void Copy(ReadOnlySpan<int> from, Span<int> into) => from.CopyTo(into);

    internal static void Join(ReadOnlySpan<int> from, Span<int> into)
    {
        int i = 0;
        for (; i + Vector<int>.Count <= into.Length; i += Vector<int>.Count)
            Vector.Max(new Vector<int>(from[i..]), new Vector<int>(into[i..])).CopyTo(into[i..]);
        for (; i < into.Length; i++)
            into[i] = Math.Max(into[i], from[i]);
    }

    internal void Widen(int width)
    {
        int[] wider = new int[_clocks.Length / _width * width];
        for (int row = 0; row < _rows; row++)
            this[row].CopyTo(wider.AsSpan(row * width));
        _clocks = wider;
        _width = width;
    }

    internal void Clear()
    {
        Array.Clear(_clocks, 0, _rows * _width);
        _rows = 0;
    }
}
