namespace Verify.Engine.Dirty;

/// <summary>Guest pages [Start, End); may be empty.</summary>
/// <param name="Start">First page number.</param>
/// <param name="Count">Number of pages.</param>
public readonly record struct PageRange(long Start, long Count)
{
    /// <summary>log2 of the guest page size in bytes.</summary>
    public const int PageBits = 12;

    /// <summary>Guest page size in bytes.</summary>
    public const long PageSize = 1L << PageBits;

    public long End => Start + Count;

    /// <summary>The pages that hold at least one byte of the range: start rounded down, end rounded up.</summary>
    public static PageRange Covering(ByteRange bytes)
    {
        if (bytes.Length == 0)
            return new PageRange(bytes.Start >> PageBits, 0);
        long first = bytes.Start >> PageBits;
        return new PageRange(first, ((bytes.Start + bytes.Length + PageSize - 1) >> PageBits) - first);
    }

    /// <summary>The bytes of the pages. A type of its own, because a page count once went where a byte count was meant (DM13).</summary>
    public ByteRange ToBytes() => new(Start << PageBits, Count << PageBits);
}

/// <summary>Guest physical bytes [Start, Start + Length).</summary>
public readonly record struct ByteRange(long Start, long Length);
