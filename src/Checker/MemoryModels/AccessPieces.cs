namespace Verify.Checker.MemoryModels;

/// <summary>
/// The naturally aligned pieces, of at most 8 bytes and in ascending order, of an access that is not atomic: misaligned, or larger than a word.
/// </summary>
/// <param name="address">First byte.</param>
/// <param name="length">Bytes, any number.</param>
public readonly struct AccessPieces(nuint address, int length)
{
    public Enumerator GetEnumerator() => new(address, length);

    public struct Enumerator(nuint address, int length)
    {
        private nuint _next = address;
        private int _left = length;

        public (nuint Address, int Size) Current { get; private set; }

        public bool MoveNext()
        {
            if (_left <= 0)
                return false;
            int size = 8;
            while ((_next & (nuint)(size - 1)) != 0 || size > _left)
                size >>= 1;
            Current = (_next, size);
            _next += (nuint)size;
            _left -= size;
            return true;
        }
    }
}
