using Verify.Engine.Memory;

namespace Verify.Engine.Guest;

/// <summary>Tells the guest which blocks of RAM have been plugged in: read-only registers, which it polls.</summary>
/// <remarks>
/// What QEMU's ACPI memory hot-plug registers say (docs/specs/acpi_mem_hotplug.rst), without a selector, which harts would have to lock: the number of
/// blocks at 0, and for each of the first <see cref="MostBlocks"/> its start and size, 16 bytes a block, from 16 on. All registers have 8 bytes.
/// </remarks>
public sealed class RamHotplugDevice(RamList list) : IDevice
{
    public const ulong Address = 0x1010_0000;
    public const ulong Length = GuestRam.PageSize;

    /// <summary>Blocks the guest can be told of.</summary>
    public const int MostBlocks = 64;

    public bool TryRead(ulong offset, int size, out ulong value)
    {
        IReadOnlyList<RamBlock> blocks = list.Blocks;
        int index = (int)(offset / 16) - 1;
        value = index < 0 ? (ulong)Math.Min(blocks.Count, MostBlocks) : index >= blocks.Count ? 0 : offset % 16 == 0 ? blocks[index].Start : blocks[index].Size;
        return size == 8 && offset % 8 == 0 && offset != 8 && index < MostBlocks;
    }

    public bool TryWrite(ulong offset, int size, ulong value) => false;
}
