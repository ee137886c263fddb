namespace Verify.Engine.Guest;

/// <summary>A guest program read from an ELF file, immutable: what to copy where, and where to start.</summary>
/// <param name="Name">Of the file or resource, for messages.</param>
/// <param name="Entry">Guest physical address every hart starts at.</param>
/// <param name="ToHost">Address of the HTIF register a guest writes, or null if the program has none.</param>
/// <param name="FromHost">Address of the HTIF register the host answers in, or null.</param>
public sealed record GuestImage(string Name, ulong Entry, ulong? ToHost, ulong? FromHost, IReadOnlyList<GuestSegment> Segments)
{
    /// <summary>Copies all segments.</summary>
    /// <exception cref="ElfException">A segment, the entry or an HTIF register lies outside <paramref name="ram"/>.</exception>
    public void CopyTo(GuestRam ram)
    {
        foreach (GuestSegment segment in Segments)
        {
            if (!ram.Contains(segment.Address, segment.MemorySize))
            {
                throw new ElfException(
                    $"{Name}: segment 0x{segment.Address:x}..0x{segment.Address + segment.MemorySize:x} does not fit in RAM " +
                    $"0x{ram.Start:x}..0x{ram.Start + ram.Size:x}; link the program at 0x{ram.Start:x} or give the machine more RAM");
            }

            segment.Bytes.Span.CopyTo(ram.Slice(segment.Address, segment.Bytes.Length));
        }

        foreach (ulong address in new[] { Entry, ToHost ?? Entry, FromHost ?? Entry })
        {
            if (!ram.Contains(address, 2) || address % (address == Entry ? 2UL : 8) != 0)
            {
                throw new ElfException(
                    $"{Name}: its entry, tohost or fromhost, 0x{address:x}, is misaligned or outside RAM; link it at 0x{ram.Start:x}");
            }
        }
    }
}

/// <param name="Address">Guest physical address.</param>
/// <param name="Bytes">Contents from the file.</param>
/// <param name="MemorySize">Bytes in memory; what exceeds <paramref name="Bytes"/> is zero.</param>
public sealed record GuestSegment(ulong Address, ReadOnlyMemory<byte> Bytes, ulong MemorySize);
