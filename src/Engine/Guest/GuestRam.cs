using System.Runtime.InteropServices;
using Verify.Engine.Memory;

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

    /// <summary>Page flag: dirty memory holds the page clean for some client, which wants to hear of the next store.</summary>
    public const byte IsClean = 4;

    private readonly object _watchLock = new();      // flags change under it
    private readonly List<SoftTlb> _tlbs = [];       // under _watchLock

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

    /// <summary>One byte a page. Written under _watchLock, read without.</summary>
    public byte* Flags { get; private set; }

    public bool Contains(ulong address, ulong length) => length <= Size && address - Start <= Size - length;

    public Span<byte> Slice(ulong address, int length) =>
        Contains(address, (ulong)length)
            ? new Span<byte>(Bytes + (address - Start), length)
            : throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:x}, {length} bytes, is outside RAM");

    /// <summary>Guest physical address of a host address inside RAM.</summary>
    public ulong PhysicalOf(byte* host) => (ulong)(host - Bytes) + Start;

    /// <summary>Host address of a guest physical address inside RAM.</summary>
    public byte* HostOf(ulong physical) => Bytes + (physical - Start);

    /// <summary>A vCPU that will store through this TLB.</summary>
    public void Attach(SoftTlb tlb)
    {
        lock (_watchLock)
        {
            _tlbs.Add(tlb);
        }
    }

    /// <summary>Nobody stores through this TLB any more.</summary>
    public void Detach(SoftTlb tlb)
    {
        lock (_watchLock)
        {
            _tlbs.Remove(tlb);
        }
    }

    /// <summary>Announces that code of this page is about to be read for translation.</summary>
    /// <returns>False if the page was marked already.</returns>
    public bool MarkCode(int page) => (Volatile.Read(ref Flags[page]) & HasCode) == 0 && Watch(page, 1, HasCode);

    /// <summary>Sets a flag of pages, and takes the fast path away from stores into them. Whoever wants to see stores calls it, then looks.</summary>
    /// <remarks>
    /// A store compares a tag of the vCPU's TLB, stores, and compares the tag again, all without a fence. After the barrier every such store
    /// either is visible to the caller or is followed by a comparison that fails, and then by a look at the flags. Entries filled later carry
    /// NOTDIRTY, for <see cref="SoftTlb.Fill"/> sees the flag. This closes races.md TB13 and TB15 for the price of comparing twice; QEMU compares once
    /// and leaves the window between comparison and store open.
    /// </remarks>
    /// <returns>False if they all had it already.</returns>
    public bool Watch(long firstPage, long count, byte flag)
    {
        bool isNew = false;
        lock (_watchLock)
        {
            for (long page = firstPage; page < firstPage + count; page++)
            {
                byte flags = Volatile.Read(ref Flags[page]);
                isNew |= (flags & flag) == 0;
                Volatile.Write(ref Flags[page], (byte)(flags | flag));
            }

            foreach (SoftTlb tlb in _tlbs)
            {
                tlb.SetNotDirty(Bytes + (firstPage << PageBits), (ulong)count << PageBits);
            }
        }

        Interlocked.MemoryBarrierProcessWide(); // Pairs with the store-then-compare order in Interpreter and SlowPath.Stored.
        return isNew;
    }

    /// <summary>Takes a flag away from a page. TLB entries lose NOTDIRTY by and by, each when its owner next stores through it.</summary>
    public void Unwatch(long page, byte flag)
    {
        lock (_watchLock)
        {
            Volatile.Write(ref Flags[page], (byte)(Volatile.Read(ref Flags[page]) & ~flag));
        }
    }

    /// <summary>Makes stores into the page look for device registers. Before any vCPU runs.</summary>
    public void MarkDevice(ulong page) => Watch((long)page, 1, HasDevice);

    /// <summary>Flags of the page of an address inside RAM.</summary>
    public byte FlagsOf(ulong address) => Volatile.Read(ref Flags[(address - Start) >> PageBits]);

    /// <summary>The page holds no translated code any more.</summary>
    public void ClearCode(int page) => Unwatch(page, HasCode);

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
