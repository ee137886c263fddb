namespace Verify.Engine.Dirty;

/// <summary>The dirty pages of a range at one time; the display reads it at leisure (QEMU DirtyBitmapSnapshot).</summary>
public sealed class DirtySnapshot
{
    private readonly ulong[] _bits;  // bit i is page Range.Start + i

    internal DirtySnapshot(PageRange range, ulong[] bits)
    {
        Range = range;
        _bits = bits;
    }

    public PageRange Range { get; }

    /// <summary>Whether a page of <paramref name="part"/>, which lies inside <see cref="Range"/>, was dirty.</summary>
    public bool AnyDirty(PageRange part)
    {
        if (part.Start < Range.Start || part.End > Range.End)
            throw new DirtyMemoryException(
                $"Pages {part.Start}..{part.End} were not in the snapshot of {Range.Start}..{Range.End}: take it of the whole area.");
        for (long i = part.Start - Range.Start; i < part.End - Range.Start; i++)
        {
            if ((_bits[i / 64] >> (int)(i % 64) & 1) != 0)
                return true;
        }
        return false;
    }
}
