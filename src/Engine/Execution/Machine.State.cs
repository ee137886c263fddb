using Verify.Engine.Guest;
using Verify.Engine.Migration;

namespace Verify.Engine.Execution;

/// <summary>All state of a machine but its RAM, as sections of a migration.</summary>
public abstract partial class Machine
{
    /// <summary>Writes harts, clock, devices and whether the guest has ended. While <see cref="PauseAllCpus"/> holds.</summary>
    /// <remarks>Translated code and TLBs are not state: the other machine makes its own.</remarks>
    public void SaveState(BinaryWriter to)
    {
        _clock.Save(to);
        lock (_endLock)
        {
            to.Write(_exitCode != null);
            to.Write(_exitCode ?? 0);
        }

        IReadOnlyList<VCpu> cpus = Cpus;
        to.Write(cpus.Count);
        foreach (VCpu cpu in cpus)
        {
            to.Write(cpu.Index);
            cpu.Save(to);
        }

        foreach ((string name, IMigratableDevice device) in MigratableDevices())
        {
            to.Write(name);
            device.Save(to);
        }
    }

    /// <summary>Takes over what another machine has saved. Before any vCPU runs.</summary>
    /// <exception cref="MigrationException">This machine is not made as that one.</exception>
    public void LoadState(BinaryReader from)
    {
        _clock.Load(from);
        bool hasEnded = from.ReadBoolean();
        long exitCode = from.ReadInt64();
        int count = from.ReadInt32();
        if (count != Cpus.Count)
        {
            throw new MigrationException($"the guest has {count} vCPUs, the machine it is sent to {Cpus.Count}: make both alike");
        }

        for (int i = 0; i < count; i++)
        {
            CpuAt(from.ReadInt32()).Load(from);
        }

        foreach ((string name, IMigratableDevice device) in MigratableDevices())
        {
            string sent = from.ReadString();
            if (sent != name)
            {
                throw new MigrationException($"device '{sent}' was sent where the machine it is sent to has '{name}': give both the same devices");
            }

            device.Load(from);
        }

        if (hasEnded)
        {
            lock (_endLock)
            {
                _exitCode = exitCode;
            }

            RequestStop();
        }
    }

    private IEnumerable<(string Name, IMigratableDevice Device)> MigratableDevices()
    {
        foreach (DeviceRange range in Devices.Ranges)
        {
            if (range.Device is IMigratableDevice device)
            {
                yield return ($"{range.Device.GetType().Name}@{range.Start:x}", device);
            }
        }
    }
}
