using Verify.Engine.Dirty;
using Verify.Engine.Guest;

namespace Verify.Engine.Display;

/// <summary>Where a guest's picture is and how it is laid out: lines of 32-bit pixels, x8r8g8b8, in guest memory.</summary>
/// <param name="Address">Guest physical address of the first pixel.</param>
/// <param name="Width">Pixels in a line, 1 to <see cref="MostPixels"/>.</param>
/// <param name="Height">Lines, 1 to <see cref="MostPixels"/>.</param>
/// <param name="Stride">Bytes from a line to the next, at least 4 * <paramref name="Width"/>.</param>
public readonly record struct LinearFramebuffer(ulong Address, int Width, int Height, int Stride)
{
    public const int MostPixels = 8192;

    public ulong Length => ((ulong)(Height - 1) * (ulong)Stride) + (4 * (ulong)Width);

    /// <summary>Bytes of one line, counted from the start of the first page.</summary>
    internal (long First, long Last) PagesOf(int line)
    {
        long start = (long)(Address & (GuestRam.PageSize - 1)) + ((long)line * Stride);
        return (start >> GuestRam.PageBits, (start + (4L * Width) - 1) >> GuestRam.PageBits);
    }

    /// <summary>Pages the picture lies on.</summary>
    internal long PageCount => PagesOf(Height - 1).Last + 1;

    /// <summary>The pages, as <see cref="GuestRam"/> numbers them; null if they do not lie in one block of RAM.</summary>
    internal PageRange? PagesIn(GuestRam ram) =>
        ram.Contains(Address & ~(ulong)(GuestRam.PageSize - 1), (ulong)PageCount << GuestRam.PageBits) && ram.PageOf(Address) is var first and >= 0
            ? new PageRange(first, PageCount)
            : null;
}
