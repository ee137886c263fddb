using System.Runtime.InteropServices;

namespace Verify.Engine.Guest;

/// <summary>Guest RAM in native memory, and one byte of flags for each of its pages.</summary>
/// <remarks>Untouched pages cost the host nothing: the allocation is zeroed lazily by the operating system.</remarks>
public sealed unsafe class GuestRam : IDisposable
{
    public const int PageBits = 12;
    public const int PageSize = 1 << PageBits;

    /// <summary>Page flag: translated code was made from this page; a store into it must look for blocks to invalidate.</summary>
    public const byte HasCode = 1;

    /// <summary>Page flag: the page holds the HTIF registers. Set before any vCPU runs, never cleared.</summary>
    public const byte HasDevice = 2;

    /// <param name="start">Guest physical address of the first byte; page aligned.</param>
    /// <param name="size">Bytes; a positive multiple of <see cref="PageSize"/>.</param>
    public GuestRam(ulong start, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(size % PageSize, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(start % PageSize, 0UL);
        Start = start;
        Size = (ulong)size;
        Bytes = (byte*)NativeMemory.AllocZeroed((nuint)size + 8);
        Flags = (byte*)NativeMemory.AllocZeroed((nuint)(size >> PageBits));
    }

    ~GuestRam() => Free();

    public ulong Start { get; }

    public ulong Size { get; }

    public byte* Bytes { get; private set; }

    /// <summary>One byte a page. Written under TbLock, read by stores without.</summary>
    public byte* Flags { get; private set; }

    public bool Contains(ulong address, ulong length) => length <= Size && address - Start <= Size - length;

    public Span<byte> Slice(ulong address, int length) =>
        Contains(address, (ulong)length)
            ? new Span<byte>(Bytes + (address - Start), length)
            : throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:x}, {length} bytes, is outside RAM");

    /// <summary>Announces that code of this page is about to be read for translation. Under TbLock.</summary>
    /// <remarks>
    /// A vCPU stores, then reads the flag without a fence. After the barrier every such store either is visible to the translator or is
    /// followed by a flag read that sees the flag, and so by an invalidation. This closes races.md TB13 and TB15 at no cost to stores.
    /// </remarks>
    /// <returns>False if the page was marked already.</returns>
    public bool MarkCode(int page)
    {
        byte flags = Volatile.Read(ref Flags[page]);
        if ((flags & HasCode) != 0)
        {
            return false;
        }

        Volatile.Write(ref Flags[page], (byte)(flags | HasCode));
        Interlocked.MemoryBarrierProcessWide(); // Pairs with the store-then-read order in Interpreter and Machine.StoreSlow.
        return true;
    }

    /// <summary>Makes stores into the page look for device registers. Before any vCPU runs.</summary>
    public void MarkDevice(ulong page) => Flags[page] |= HasDevice;

    /// <summary>Flags of the page of an address inside RAM.</summary>
    public byte FlagsOf(ulong address) => Volatile.Read(ref Flags[(address - Start) >> PageBits]);

    /// <summary>The page holds no translated code any more. Under TbLock.</summary>
    public void ClearCode(int page) => Volatile.Write(ref Flags[page], (byte)(Volatile.Read(ref Flags[page]) & ~HasCode));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(Bytes);
        NativeMemory.Free(Flags);
        Bytes = null;
        Flags = null;
    }
}
