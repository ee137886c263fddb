using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Tests.Unit.Guest;

/// <summary>Builds Sv39 page tables in guest RAM, from a page on upwards.</summary>
internal sealed class PageTables(GuestRam ram, ulong root)
{
    public const ulong All = PageWalker.Valid | PageWalker.Readable | PageWalker.Writable | PageWalker.Executable;

    private ulong _next = root + GuestRam.PageSize;

    /// <summary>For satp.</summary>
    public ulong Satp => (8UL << 60) | (root >> 12);

    /// <summary>Maps a page of the level's size.</summary>
    /// <returns>Physical address of the leaf PTE.</returns>
    public ulong Map(ulong address, ulong physical, ulong flags, int level = 0)
    {
        ulong table = root;
        for (int at = 2; at > level; at--)
        {
            ulong entry = table + (8 * ((address >> (12 + (9 * at))) & 511));
            if (Read(entry) == 0)
            {
                Write(entry, ((_next >> 12) << 10) | PageWalker.Valid);
                _next += GuestRam.PageSize;
            }

            table = (Read(entry) >> 10) << 12;
        }

        ulong leaf = table + (8 * ((address >> (12 + (9 * level))) & 511));
        Write(leaf, ((physical >> 12) << 10) | flags);
        return leaf;
    }

    /// <summary>As <see cref="Map"/>, unless a leaf of a larger page is in the way.</summary>
    public void TryMap(ulong address, ulong physical, ulong flags, int level)
    {
        ulong table = root;
        for (int at = 2; at > level; at--)
        {
            ulong entry = Read(table + (8 * ((address >> (12 + (9 * at))) & 511)));
            if (entry == 0)
            {
                break;
            }

            if ((entry & 0x3ff) != PageWalker.Valid)
            {
                return;
            }

            table = (entry >> 10) << 12;
        }

        Map(address, physical, flags, level);
    }

    public ulong Read(ulong address) => BitConverter.ToUInt64(ram.Slice(address, 8));

    public void Write(ulong address, ulong value) => BitConverter.TryWriteBytes(ram.Slice(address, 8), value);
}
