using Verify.Engine.Guest;

namespace Verify.Engine.Display;

/// <summary>Where the guest says where its picture is: it writes address, width, height and stride, and counts the frames it has finished.</summary>
/// <remarks>
/// In the manner of QEMU hw/display/ramfb.c: the guest chooses memory of its own. Registers of 8 bytes: address at 0, width in pixels at 8, height in
/// lines at 16, stride in bytes at 24, frames finished at 32. A picture is shown once all four describe one.
/// </remarks>
public sealed class FramebufferDevice : IDevice, IMigratableDevice
{
    public const ulong Address = 0x1020_0000;
    public const ulong Length = GuestRam.PageSize;

    private readonly object _lock = new();
    private readonly ulong[] _registers = new ulong[5]; // under _lock

    /// <summary>The picture to show; null while the registers describe none.</summary>
    public LinearFramebuffer? Picture
    {
        get
        {
            lock (_lock)
            {
                (ulong width, ulong height, ulong stride) = (_registers[1], _registers[2], _registers[3]);
                bool isOne = width - 1 < LinearFramebuffer.MostPixels && height - 1 < LinearFramebuffer.MostPixels &&
                    stride >= 4 * width && stride % 4 == 0 && stride <= 4 * LinearFramebuffer.MostPixels && _registers[0] % 4 == 0;
                return isOne ? new LinearFramebuffer(_registers[0], (int)width, (int)height, (int)stride) : null;
            }
        }
    }

    /// <summary>Frames the guest says it has finished.</summary>
    public ulong Frames
    {
        get
        {
            lock (_lock)
            {
                return _registers[4];
            }
        }
    }

    public bool TryRead(ulong offset, int size, out ulong value)
    {
        bool exists = size == 8 && offset % 8 == 0 && offset / 8 < (ulong)_registers.Length;
        lock (_lock)
        {
            value = exists ? _registers[offset / 8] : 0;
        }

        return exists;
    }

    public bool TryWrite(ulong offset, int size, ulong value)
    {
        bool exists = size == 8 && offset % 8 == 0 && offset / 8 < (ulong)_registers.Length;
        lock (_lock)
        {
            if (exists)
            {
                _registers[offset / 8] = value;
            }
        }

        return exists;
    }

    public void Save(BinaryWriter to)
    {
        lock (_lock)
        {
            Array.ForEach(_registers, to.Write);
        }
    }

    public void Load(BinaryReader from)
    {
        lock (_lock)
        {
            for (int i = 0; i < _registers.Length; i++)
            {
                _registers[i] = from.ReadUInt64();
            }
        }
    }
}
