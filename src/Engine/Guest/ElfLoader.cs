using System.Buffers.Binary;
using System.Text;

namespace Verify.Engine.Guest;

/// <summary>Reads static little-endian ELF64 RISC-V executables.</summary>
/// <remarks>
/// After the "System V Application Binary Interface", chapters 4 and 5, and the "RISC-V ELF psABI". Relocatable and dynamic files are
/// refused.
/// </remarks>
public static class ElfLoader
{
    private const string Remedy = "; build it with riscv64-unknown-elf-gcc -static -nostdlib -march=rv64ima";
    private const uint Load = 1, Dynamic = 2, Interpreter = 3;
    private const uint SymbolTable = 2;

    /// <exception cref="ElfException">The file cannot be read, or is not a program this machine can run.</exception>
    public static GuestImage ReadFile(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path), Path.GetFileName(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ElfException($"{path}: no such file; name a RISC-V ELF program, for example one from guests/bin");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ElfException($"{path}: cannot be read ({e.Message.ReplaceLineEndings(" ")}); name a readable file");
        }
    }

    /// <param name="name">Used in messages.</param>
    /// <exception cref="ElfException">The bytes are not a program this machine can run.</exception>
    public static GuestImage Read(ReadOnlyMemory<byte> file, string name)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        ReadOnlySpan<byte> magic = [0x7f, (byte)'E', (byte)'L', (byte)'F'];
        if (bytes.Length < 4 || !bytes[..4].SequenceEqual(magic))
        {
            throw new ElfException($"{name}: not an ELF file{Remedy}");
        }

        if (bytes.Length < 20)
        {
            throw Truncated(name, "the ELF header");
        }

        if (bytes[4] != 2)
        {
            throw new ElfException($"{name}: a 32-bit ELF file, but the guest is RV64{Remedy}");
        }

        if (bytes[5] != 1)
        {
            throw new ElfException($"{name}: a big-endian ELF file, but the guest is little-endian{Remedy}");
        }

        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (machine != 243)
        {
            throw new ElfException($"{name}: made for another architecture (ELF machine {machine}, RISC-V is 243){Remedy}");
        }

        Reader reader = new(file, name);
        ushort type = reader.U16(16, "the ELF header");
        if (type != 2)
        {
            throw new ElfException($"{name}: {(type == 3 ? "dynamic or position independent" : "not an executable")} (ELF type {type}){Remedy}");
        }

        ulong entry = reader.U64(24, "the ELF header");
        List<GuestSegment> segments = ReadSegments(reader);
        if (segments.Count == 0)
        {
            throw new ElfException($"{name}: has no segment to load{Remedy}");
        }

        Dictionary<string, ulong> symbols = ReadHtifSymbols(reader);
        return new GuestImage(name, entry, Lookup("tohost"), Lookup("fromhost"), segments);

        ulong? Lookup(string symbol) => symbols.TryGetValue(symbol, out ulong value) ? value : null;
    }

    private static List<GuestSegment> ReadSegments(Reader reader)
    {
        const string What = "the program headers";
        List<GuestSegment> segments = [];
        ulong table = reader.U64(32, What);
        ushort size = reader.U16(54, What);
        ushort count = reader.U16(56, What);
        reader.Slice(table, (ulong)size * count, What);
        for (uint i = 0; i < count; i++)
        {
            ulong header = table + ((ulong)i * size);
            uint type = reader.U32(header, What);
            if (type is Dynamic or Interpreter)
            {
                throw new ElfException($"{reader.Name}: dynamically linked{Remedy}");
            }

            ulong fileSize = reader.U64(header + 32, What);
            ulong memorySize = reader.U64(header + 40, What);
            if (type == Load && memorySize != 0)
            {
                if (fileSize > memorySize)
                {
                    throw new ElfException($"{reader.Name}: a segment is larger in the file than in memory, the file is damaged{Remedy}");
                }

                ReadOnlyMemory<byte> contents = reader.Slice(reader.U64(header + 8, What), fileSize, "a segment");
                segments.Add(new GuestSegment(reader.U64(header + 24, What), contents, memorySize));
            }
        }

        return segments;
    }

    private static Dictionary<string, ulong> ReadHtifSymbols(Reader reader)
    {
        const string What = "the section headers";
        Dictionary<string, ulong> found = [];
        ulong table = reader.U64(40, What);
        ushort size = reader.U16(58, What);
        ushort count = reader.U16(60, What);
        reader.Slice(table, (ulong)size * count, What);
        for (uint i = 0; table != 0 && i < count; i++)
        {
            ulong section = table + ((ulong)i * size);
            if (reader.U32(section + 4, What) != SymbolTable)
            {
                continue;
            }

            ReadOnlySpan<byte> symbols = reader.Slice(reader.U64(section + 24, What), reader.U64(section + 32, What), "the symbol table").Span;
            ulong strings = table + ((ulong)reader.U32(section + 40, What) * size);
            ReadOnlySpan<byte> names = reader.Slice(reader.U64(strings + 24, What), reader.U64(strings + 32, What), "the symbol names").Span;
            for (; symbols.Length >= 24; symbols = symbols[24..])
            {
                uint start = BinaryPrimitives.ReadUInt32LittleEndian(symbols);
                ReadOnlySpan<byte> rest = start < names.Length ? names[(int)start..] : default;
                int end = rest.IndexOf((byte)0);
                if (end is 6 or 8 && Encoding.ASCII.GetString(rest[..end]) is "tohost" or "fromhost")
                {
                    found[Encoding.ASCII.GetString(rest[..end])] = BinaryPrimitives.ReadUInt64LittleEndian(symbols[8..]);
                }
            }
        }

        return found;
    }

    private static ElfException Truncated(string name, string what) => new($"{name}: truncated inside {what}; copy or build the file again");

    private readonly struct Reader(ReadOnlyMemory<byte> file, string name)
    {
        public string Name => name;

        public ReadOnlyMemory<byte> Slice(ulong at, ulong length, string what) =>
            at <= (ulong)file.Length && length <= (ulong)file.Length - at ? file.Slice((int)at, (int)length) : throw Truncated(name, what);

        public ushort U16(ulong at, string what) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2, what).Span);

        public uint U32(ulong at, string what) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4, what).Span);

        public ulong U64(ulong at, string what) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(at, 8, what).Span);
    }
}
