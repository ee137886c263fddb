namespace Verify.Engine.Guest;

/// <summary>A 16550 UART that transmits at once and never receives.</summary>
/// <remarks>
/// After the National Semiconductor PC16550D data sheet: eight byte registers, the first two doubled by the divisor latch access bit. It has no
/// interrupt line, as there is no interrupt controller to take one: drivers poll the line status.
/// </remarks>
public sealed class Uart16550(GuestConsole console) : IDevice, IMigratableDevice
{
    public const ulong Address = 0x1000_0000;
    public const ulong Length = GuestRam.PageSize;

    private const int Data = 0, InterruptEnable = 1, InterruptIdentification = 2, LineControl = 3, LineStatus = 5, Scratch = 7;
    private const byte DivisorLatch = 0x80, NoInterrupt = 0x01, FifosEnabled = 0xc0, TransmitterEmpty = 0x60;

    private readonly object _lock = new();
    private readonly byte[] _registers = new byte[8]; // under _lock; what was written, where it can be read back
    private readonly byte[] _divisor = new byte[2];   // under _lock

    public bool TryRead(ulong offset, int size, out ulong value)
    {
        value = 0;
        if (offset > Scratch || size != 1)
        {
            return false;
        }

        lock (_lock)
        {
            bool isLatched = (_registers[LineControl] & DivisorLatch) != 0;
            value = (int)offset switch
            {
                Data or InterruptEnable when isLatched => _divisor[offset],
                Data => 0,
                InterruptIdentification => (ulong)(NoInterrupt | ((_registers[InterruptIdentification] & 1) != 0 ? FifosEnabled : 0)),
                LineStatus => TransmitterEmpty,
                _ => _registers[offset],
            };
            return true;
        }
    }

    public void Save(BinaryWriter to)
    {
        lock (_lock)
        {
            to.Write(_registers);
            to.Write(_divisor);
        }
    }

    public void Load(BinaryReader from)
    {
        lock (_lock)
        {
            from.ReadExactly(_registers);
            from.ReadExactly(_divisor);
        }
    }

    public bool TryWrite(ulong offset, int size, ulong value)
    {
        if (offset > Scratch || size != 1)
        {
            return false;
        }

        lock (_lock)
        {
            bool isLatched = (_registers[LineControl] & DivisorLatch) != 0;
            if (offset <= InterruptEnable && isLatched)
            {
                _divisor[offset] = (byte)value;
            }
            else if (offset == Data)
            {
                console.Write((char)(byte)value);
            }
            else
            {
                _registers[offset] = (byte)value;
            }

            return true;
        }
    }
}
