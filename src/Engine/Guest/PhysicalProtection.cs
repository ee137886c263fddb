namespace Verify.Engine.Guest;

/// <summary>Physical memory protection: 16 entries with a grain of 4 bytes.</summary>
/// <remarks>
/// After "The RISC-V Instruction Set Manual, Volume II", chapter "Machine-Level ISA", section "Physical Memory Protection". The entry with the lowest
/// number that matches any byte decides, and must match all of them. Owner only.
/// </remarks>
public sealed class PhysicalProtection
{
    public const int Entries = 16;

    private const byte Read = 1, Write = 2, Execute = 4, Mode = 3 << 3, Locked = 1 << 7;
    private const byte Off = 0, TopOfRange = 1 << 3, NaturallyAligned4 = 2 << 3;
    private const ulong AddressMask = (1UL << 54) - 1;

    private readonly byte[] _configuration = new byte[Entries];
    private readonly ulong[] _address = new ulong[Entries];

    /// <summary>Some entry also binds machine mode.</summary>
    public bool BindsMachineMode { get; private set; }

    /// <summary>No entry is in use, none is locked.</summary>
    public void Reset()
    {
        Array.Clear(_configuration);
        Array.Clear(_address);
        BindsMachineMode = false;
    }

    /// <summary>Writes what <see cref="Load"/> reads.</summary>
    public void Save(BinaryWriter to)
    {
        to.Write(_configuration);
        for (int i = 0; i < Entries; i++)
        {
            to.Write(_address[i]);
        }
    }

    public void Load(BinaryReader from)
    {
        from.ReadExactly(_configuration);
        for (int i = 0; i < Entries; i++)
        {
            _address[i] = from.ReadUInt64();
        }

        BindsMachineMode = Array.Exists(_configuration, static entry => (entry & Locked) != 0);
    }

    /// <summary>Eight configuration bytes, from entry 4 * <paramref name="register"/> on; only even registers exist in RV64.</summary>
    public ulong ReadConfiguration(int register)
    {
        ulong value = 0;
        for (int i = 0; i < 8 && (4 * register) + i < Entries; i++)
        {
            value |= (ulong)_configuration[(4 * register) + i] << (8 * i);
        }

        return value;
    }

    public void WriteConfiguration(int register, ulong value)
    {
        for (int i = 0; i < 8 && (4 * register) + i < Entries; i++)
        {
            ref byte entry = ref _configuration[(4 * register) + i];
            byte wanted = (byte)((value >> (8 * i)) & (Read | Write | Execute | Mode | Locked));
            if ((entry & Locked) == 0 && (wanted & (Read | Write)) != Write) // writable but not readable is reserved
            {
                entry = wanted;
                BindsMachineMode |= (wanted & Locked) != 0;
            }
        }
    }

    public ulong ReadAddress(int entry) => entry < Entries ? _address[entry] : 0;

    public void WriteAddress(int entry, ulong value)
    {
        bool isLocked = entry >= Entries || (_configuration[entry] & Locked) != 0 ||
            (entry + 1 < Entries && (_configuration[entry + 1] & (Locked | Mode)) == (Locked | TopOfRange));
        if (!isLocked)
        {
            _address[entry] = value & AddressMask;
        }
    }

    /// <param name="whole">
    /// True if the answer holds for the whole page of <paramref name="address"/>, so that it may be cached.
    /// </param>
    public bool Allows(ulong address, ulong length, AccessKind kind, Privilege privilege, out bool whole)
    {
        whole = true;
        ulong page = address & ~(ulong)(GuestRam.PageSize - 1);
        for (int i = 0; i < Entries; i++)
        {
            if (!Range(i, out ulong first, out ulong last))
            {
                continue;
            }

            whole &= (first <= page && last >= page + GuestRam.PageSize - 1) || first > page + GuestRam.PageSize - 1 || last < page;
            if (first > address + length - 1 || last < address)
            {
                continue;
            }

            if (first > address || last < address + length - 1)
            {
                return false;
            }

            byte needed = kind switch { AccessKind.Load => Read, AccessKind.Store => Write, _ => Execute };
            return (privilege == Privilege.Machine && (_configuration[i] & Locked) == 0) || (_configuration[i] & needed) != 0;
        }

        return privilege == Privilege.Machine;
    }

    private bool Range(int entry, out ulong first, out ulong last)
    {
        ulong address = _address[entry];
        switch (_configuration[entry] & Mode)
        {
            case Off:
                (first, last) = (1, 0);
                return false;
            case TopOfRange:
                first = entry == 0 ? 0 : _address[entry - 1] << 2;
                last = (address << 2) - 1;
                return first < address << 2;
            case NaturallyAligned4:
                (first, last) = (address << 2, (address << 2) + 3);
                return true;
            default:
                ulong ones = address ^ (address + 1); // the trailing ones and the zero above them
                first = (address & ~ones) << 2;
                last = ((address | ones) << 2) + 3;
                return true;
        }
    }
}
