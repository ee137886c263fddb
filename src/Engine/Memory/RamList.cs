using Verify.Engine.Guest;
using Verify.Engine.Rcu;

namespace Verify.Engine.Memory;

/// <summary>The RAM blocks a machine got after it was made: an array published by RCU, grown and shrunk under one mutex.</summary>
/// <remarks>
/// After QEMU's ram_list and physmem.c (qemu_ram_add, qemu_ram_free, reclaim_ramblock). A block is listed from before it is reachable until after
/// nobody can use it: searches by guest physical address find reachable blocks only, those by page or host address all that are listed.
/// The order of the steps is the machine's (<c>Machine.Hotplug.cs</c>, <c>IRamSteps</c>); a step here is one change.
/// </remarks>
public sealed unsafe class RamList : IDisposable
{
    private readonly object _mutex = new();   // ram_list.mutex
    private RamBlock[] _blocks = [];          // volatile, its elements do not change; written under _mutex
    private long _version;                    // volatile; written under _mutex

    /// <param name="bootPages">Pages of the RAM that was there from the start: numbers below are its.</param>
    /// <param name="maxPages">Page numbers there are.</param>
    internal RamList(long bootPages, long maxPages)
    {
        (BootPages, MaxPages) = (bootPages, maxPages);
    }

    /// <summary>The machine's RCU domain: vCPUs are inside a section while they execute, devices while they copy.</summary>
    public RcuDomain<SymmetricRcu> Rcu { get; } = new();

    public long BootPages { get; }

    public long MaxPages { get; }

    /// <summary>Changes whenever a block came, went, or changed its size.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Blocks the guest can reach now, in the order in which they came.</summary>
    public IReadOnlyList<RamBlock> Blocks => Array.FindAll(Volatile.Read(ref _blocks), static block => block.IsReachable);

    /// <summary>The lock of all changes; who holds it sees no block come, go or change its size.</summary>
    internal object Mutex => _mutex;

    internal RamBlock? Find(ulong address, ulong length)
    {
        foreach (RamBlock block in Volatile.Read(ref _blocks)) // Pairs with the release in Publish.
        {
            if (block.Contains(address, length))
            {
                return block;
            }
        }

        return null;
    }

    /// <summary>Also finds a block that cannot be reached any more, until it is gone.</summary>
    internal RamBlock? FindListed(ulong address)
    {
        foreach (RamBlock block in Volatile.Read(ref _blocks))
        {
            if (address - block.Start < (ulong)block.MaxPages << GuestRam.PageBits)
            {
                return block;
            }
        }

        return null;
    }

    internal RamBlock? FindPage(long page)
    {
        foreach (RamBlock block in Volatile.Read(ref _blocks))
        {
            if (page >= block.FirstPage && page < block.FirstPage + block.MaxPages)
            {
                return block;
            }
        }

        return null;
    }

    internal RamBlock? FindHost(byte* host)
    {
        foreach (RamBlock block in Volatile.Read(ref _blocks))
        {
            if (host >= block.Bytes && host < block.Bytes + (block.MaxPages << GuestRam.PageBits))
            {
                return block;
            }
        }

        return null;
    }

    /// <summary>Allocates a block, with the lowest page numbers that are free (find_ram_offset). Under the mutex.</summary>
    /// <exception cref="RamListException">There is no room, or something is there.</exception>
    internal RamBlock Allocate(string name, ulong start, long pages, long maxPages)
    {
        long firstPage = BootPages;
        foreach (RamBlock block in Volatile.Read(ref _blocks).OrderBy(b => b.FirstPage))
        {
            if (block.Name == name)
            {
                throw new RamListException($"there is a RAM block '{name}' already: give the new one another name");
            }

            if (block.Overlaps(start, (ulong)maxPages << GuestRam.PageBits))
            {
                throw new RamListException($"RAM block '{name}' at 0x{start:x} would overlap block '{block.Name}' at 0x{block.Start:x}");
            }

            if (block.FirstPage - firstPage < maxPages)
            {
                firstPage = block.FirstPage + block.MaxPages;
            }
        }

        return firstPage + maxPages <= MaxPages
            ? new RamBlock(name, start, firstPage, pages, maxPages)
            : throw new RamListException(
                $"{maxPages} pages for RAM block '{name}' exceed the machine's {MaxPages}: make it with a larger MaxRamSize");
    }

    /// <summary>The block can be found, by address if it is reachable. Under the mutex.</summary>
    internal void Publish(RamBlock block) => Replace([.. Volatile.Read(ref _blocks), block]);

    /// <summary>The block can no longer be found. Its page numbers are free. Under the mutex.</summary>
    internal void Remove(RamBlock block) => Replace(Array.FindAll(Volatile.Read(ref _blocks), other => other != block));

    /// <summary>A block has changed its size or is not reachable any more. Under the mutex.</summary>
    internal void Changed() => Volatile.Write(ref _version, _version + 1);

    /// <summary>All that can be found by page or host address. Its elements do not change.</summary>
    internal RamBlock[] Listed => Volatile.Read(ref _blocks);

    /// <summary>Ends the domain, which frees what was deferred, and frees the rest. Nobody uses any of it any more.</summary>
    public void Dispose()
    {
        Rcu.Dispose();
        foreach (RamBlock block in Volatile.Read(ref _blocks))
        {
            block.Free();
        }
    }

    private void Replace(RamBlock[] blocks)
    {
        Volatile.Write(ref _blocks, blocks);
        Changed();
    }
}

/// <summary>RAM cannot be added, removed or resized like that; the message names the remedy.</summary>
public sealed class RamListException(string message) : InvalidOperationException(message);
