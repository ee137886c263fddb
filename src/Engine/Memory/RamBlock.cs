using System.Runtime.InteropServices;
using Verify.Engine.Dirty;
using Verify.Engine.Guest;

namespace Verify.Engine.Memory;

/// <summary>A piece of RAM that came after the machine was made: QEMU's RAMBlock. Its memory stays until a grace period after it was removed.</summary>
public sealed unsafe class RamBlock
{
    private int _reachable;   // volatile; written under the list's mutex
    private long _usedPages;  // volatile; written under the list's mutex
    private int _freed;       // volatile; never cleared

    internal RamBlock(string name, ulong start, long firstPage, long usedPages, long maxPages)
    {
        (Name, Start, FirstPage, _usedPages, MaxPages) = (name, start, firstPage, usedPages, maxPages);
        Bytes = (byte*)NativeMemory.AllocZeroed(((nuint)maxPages << GuestRam.PageBits) + 8);
        Flags = (byte*)NativeMemory.AllocZeroed((nuint)maxPages);
    }

    /// <summary>What it is called, in messages and in a migration; unique among the blocks of a machine.</summary>
    public string Name { get; }

    /// <summary>Guest physical address; page aligned.</summary>
    public ulong Start { get; }

    /// <summary>Number of its first page (QEMU's ram_addr_t over the page size): where dirty memory has its bits.</summary>
    public long FirstPage { get; }

    /// <summary>Pages the guest can use now.</summary>
    public long UsedPages
    {
        get => Volatile.Read(ref _usedPages);
        internal set => Volatile.Write(ref _usedPages, value);
    }

    /// <summary>Pages it may grow to; allocated, touched on use.</summary>
    public long MaxPages { get; }

    /// <summary>Bytes the guest can use now.</summary>
    public ulong Size => (ulong)UsedPages << GuestRam.PageBits;

    /// <summary>The used pages, as dirty memory numbers them.</summary>
    public PageRange Pages => new(FirstPage, UsedPages);

    /// <summary>Host memory of the block. Valid inside a read section of <see cref="RamList.Rcu"/> that began while the block was listed.</summary>
    public byte* Bytes { get; }

    /// <summary>One byte a page, as <see cref="GuestRam.Flags"/>.</summary>
    internal byte* Flags { get; }

    /// <summary>The guest's physical memory has it.</summary>
    public bool IsReachable
    {
        get => Volatile.Read(ref _reachable) != 0;
        internal set => Volatile.Write(ref _reachable, value ? 1 : 0);
    }

    internal bool Contains(ulong address, ulong length)
    {
        ulong size = Size;
        return IsReachable && length <= size && address - Start <= size - length;
    }

    internal bool Overlaps(ulong start, ulong length) =>
        start < Start + ((ulong)MaxPages << GuestRam.PageBits) && Start < start + length;

    /// <exception cref="UseAfterFreeException">Its memory is gone: a reader was missed by the grace period that ended before.</exception>
    internal void AssertAlive()
    {
        if (Volatile.Read(ref _freed) != 0)
        {
            throw new UseAfterFreeException($"RAM block '{Name}' was used after it was freed: a reader was not waited for.");
        }
    }

    /// <summary>By the reclaimer, after a grace period. Twice is once.</summary>
    internal void Free()
    {
        if (Interlocked.Exchange(ref _freed, 1) == 0)
        {
            NativeMemory.Free(Bytes);
            NativeMemory.Free(Flags);
        }
    }
}
