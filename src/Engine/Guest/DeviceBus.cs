namespace Verify.Engine.Guest;

/// <summary>A device with registers in guest physical memory. Called by any vCPU, several at a time; it locks for itself.</summary>
public interface IDevice
{
    /// <param name="offset">From the start of the device's range, a multiple of <paramref name="size"/>.</param>
    /// <param name="size">1, 2, 4 or 8.</param>
    /// <returns>False if there is no such register: the guest takes an access fault.</returns>
    bool TryRead(ulong offset, int size, out ulong value);

    /// <inheritdoc cref="TryRead"/>
    bool TryWrite(ulong offset, int size, ulong value);
}

/// <summary>A device whose registers a migration takes along.</summary>
public interface IMigratableDevice
{
    /// <summary>Writes what <see cref="Load"/> reads. No vCPU runs.</summary>
    void Save(BinaryWriter to);

    /// <summary>Takes over the state of a device of the same kind. Before any vCPU runs.</summary>
    void Load(BinaryReader from);
}

/// <summary>Where each device answers.</summary>
/// <param name="Start">Guest physical address; page aligned.</param>
/// <param name="Length">Bytes; a multiple of the page size.</param>
public readonly record struct DeviceRange(ulong Start, ulong Length, IDevice Device);

/// <summary>Guest physical memory that is no RAM. Immutable.</summary>
public sealed class DeviceBus(IReadOnlyList<DeviceRange> ranges)
{
    public IReadOnlyList<DeviceRange> Ranges => ranges;

    public bool Contains(ulong address) => Find(address).Device != null;

    public bool TryRead(ulong address, int size, out ulong value)
    {
        value = 0;
        DeviceRange range = Find(address);
        return range.Device != null && range.Device.TryRead(address - range.Start, size, out value);
    }

    public bool TryWrite(ulong address, int size, ulong value)
    {
        DeviceRange range = Find(address);
        return range.Device != null && range.Device.TryWrite(address - range.Start, size, value);
    }

    private DeviceRange Find(ulong address)
    {
        foreach (DeviceRange range in ranges)
        {
            if (address - range.Start < range.Length)
            {
                return range;
            }
        }

        return default;
    }
}
