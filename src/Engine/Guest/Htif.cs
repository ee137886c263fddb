using System.Text;

namespace Verify.Engine.Guest;

/// <summary>The host-target interface: exit, console output and the proxied write and exit system calls.</summary>
/// <remarks>
/// After riscv-isa-sim fesvr/device.cc and fesvr/syscall.cc. A command is device in bits 63..56, command in 55..48 and payload below.
/// Unlike there, a command is complete when the store that gave it is: the guest finds tohost zero again at once.
/// </remarks>
public sealed class Htif(GuestRam ram, GuestImage image, GuestConsole console)
{
    private readonly object _lock = new(); // serialises commands of different harts

    public ulong? ToHost => image.ToHost;

    /// <summary>A store of <paramref name="size"/> bytes (4 or 8) to tohost has been done.</summary>
    /// <returns>The exit code if the guest asked to end, otherwise null.</returns>
    public long? Command(int size)
    {
        lock (_lock)
        {
            ulong value = Word(image.ToHost!.Value, 0) & (size == 8 ? ulong.MaxValue : uint.MaxValue);
            if (value >> 48 == 0 && (value & 1) != 0)
            {
                return (long)(value >> 1);
            }

            long? exit = null;
            ulong answer = 1;
            switch (value >> 48)
            {
                case 0 when value == 0 || size != 8:
                    return null;
                case 0:
                    (exit, answer) = (SystemCall(value), 1);
                    break;
                case 0x0101:
                    console.Write((char)(byte)value);
                    answer = 0x0101UL << 48;
                    break;
            }

            Answer(image.ToHost, 0);
            Answer(image.FromHost, answer);
            return exit;
        }
    }

    /// <summary>Prints guest memory; what lies outside RAM is not printed.</summary>
    /// <returns>The number of bytes printed, or a negative Linux error number.</returns>
    public long Write(ulong descriptor, ulong address, ulong length)
    {
        if (descriptor is not (1 or 2))
        {
            return -9; // EBADF
        }

        if (!ram.Contains(address, length) || length > int.MaxValue)
        {
            return -14; // EFAULT
        }

        console.Write(Encoding.Latin1.GetString(ram.Slice(address, (int)length)));
        return (long)length;
    }

    // Payload: address of four doublewords, number and three arguments; the result replaces the first.
    private long? SystemCall(ulong address)
    {
        if (!ram.Contains(address, 32) || address % 8 != 0)
        {
            return null;
        }

        ulong number = Word(address, 0);
        if (number is 93 or 94)
        {
            return (long)Word(address, 1);
        }

        SetWord(address, number == 64 ? (ulong)Write(Word(address, 1), Word(address, 2), Word(address, 3)) : unchecked((ulong)-38L)); // ENOSYS
        return null;
    }

    private void Answer(ulong? register, ulong value)
    {
        if (register is { } address)
        {
            SetWord(address, value);
        }
    }

    private unsafe ulong Word(ulong address, int index) =>
        ram.TryHost(address + (8 * (ulong)index), sizeof(ulong), out byte* host) ? Volatile.Read(ref *(ulong*)host) : 0;

    private unsafe void SetWord(ulong address, ulong value)
    {
        if (ram.TryHost(address, sizeof(ulong), out byte* host))
        {
            Volatile.Write(ref *(ulong*)host, value);
            ram.DeviceWrote(address, sizeof(ulong));
        }
    }
}
