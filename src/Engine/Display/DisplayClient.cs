using System.Runtime.InteropServices;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;

namespace Verify.Engine.Display;

/// <summary>Shows a guest's linear framebuffer: at each refresh it redraws the scan lines that were written, and no other.</summary>
/// <remarks>After QEMU hw/display/vga.c. One thread refreshes; it is no vCPU, and the vCPUs go on meanwhile.</remarks>
public sealed class DisplayClient(Machine machine, FramebufferDevice device, ILineSource source) : IDisposable
{
    private LinearFramebuffer _picture;
    private PageRange _pages;
    private byte[] _copy = [];    // the lines as they were read last
    private ulong[] _dirty = [];

    /// <summary>The picture last drawn; null before the first.</summary>
    public LinearFramebuffer? Picture { get; private set; }

    /// <summary>Pixels of the picture, line after line, 0x00rrggbb.</summary>
    public uint[] Surface { get; private set; } = [];

    /// <summary>Refreshes that had to compare the whole picture with a copy.</summary>
    public long Comparisons { get; private set; }

    /// <summary>Number, from 1, of the last refresh that had to; 0 if none had.</summary>
    public long LastComparison { get; private set; }

    /// <summary>Refreshes while there was a picture.</summary>
    public long Refreshes { get; private set; }

    /// <summary>Lines redrawn by all refreshes.</summary>
    public long LinesDrawn { get; private set; }

    /// <summary>Draws what has changed.</summary>
    /// <returns>Lines redrawn; -1 if there is nothing to show.</returns>
    public int Refresh()
    {
        if (device.Picture is not { } picture || picture.PagesIn(machine.Ram) is not { } pages)
        {
            return -1;
        }

        bool isNew = Picture != picture || pages != _pages;
        if (isNew)
        {
            (_picture, _pages, Picture) = (picture, pages, picture);
            Surface = new uint[picture.Width * picture.Height];
            _copy = new byte[4 * picture.Width * picture.Height];
            _dirty = new ulong[(pages.Count + 63) / 64];
            source.Show(picture, pages);
        }

        Array.Clear(_dirty);
        bool isKnown = source.Collect(_dirty);
        Refreshes++;
        if (!isKnown)
        {
            Comparisons++;
            LastComparison = Refreshes;
        }

        int drawn = 0;
        Span<byte> line = new byte[4 * picture.Width];
        for (int y = 0; y < picture.Height; y++)
        {
            if ((isNew || !isKnown || IsDirty(y)) && machine.DmaRead(picture.Address + ((ulong)y * (ulong)picture.Stride), line))
            {
                Span<byte> last = _copy.AsSpan(y * line.Length, line.Length);
                if (isNew || isKnown || !line.SequenceEqual(last))
                {
                    line.CopyTo(last);
                    Draw(line, Surface.AsSpan(y * picture.Width, picture.Width));
                    drawn++;
                }
            }
        }

        LinesDrawn += drawn;
        return drawn;
    }

    /// <summary>The whole picture, drawn anew from memory as it is now: what <see cref="Surface"/> must be if nobody stores.</summary>
    public uint[] FullRedraw()
    {
        uint[] surface = new uint[_picture.Width * _picture.Height];
        byte[] line = new byte[4 * _picture.Width];
        for (int y = 0; y < _picture.Height; y++)
        {
            if (machine.DmaRead(_picture.Address + ((ulong)y * (ulong)_picture.Stride), line))
            {
                Draw(line, surface.AsSpan(y * _picture.Width, _picture.Width));
            }
        }

        return surface;
    }

    public void Dispose() => source.Dispose();

    private bool IsDirty(int line)
    {
        (long first, long last) = _picture.PagesOf(line);
        for (long page = first; page <= last; page++)
        {
            if ((_dirty[page / 64] >> (int)page & 1) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static void Draw(ReadOnlySpan<byte> line, Span<uint> pixels)
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(line);
        for (int x = 0; x < pixels.Length; x++)
        {
            pixels[x] = words[x] & 0xff_ffff;
        }
    }
}
