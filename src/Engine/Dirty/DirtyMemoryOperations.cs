using System.Buffers.Binary;

namespace Verify.Engine.Dirty;

/// <summary>The operations every design gets from the primitives of <see cref="IDirtyMemory"/>.</summary>
public static class DirtyMemoryOperations
{
    /// <summary>Dirty for all three clients; in the byte design, the flag is 0xff (cpu_physical_memory_is_dirty).</summary>
    public static bool IsDirty<T>(this T memory, long page)
        where T : IDirtyMemory
        => memory.GetDirtyFlags(page) == DirtyClients.All;

    /// <summary>Clean for at least one client, so that a write must be noticed (cpu_physical_memory_is_clean).</summary>
    public static bool IsClean<T>(this T memory, long page)
        where T : IDirtyMemory
        => memory.GetDirtyFlags(page) != DirtyClients.All;

    /// <summary>The flags of the page among those asked for; not None means any of them (get_dirty of thread 0).</summary>
    public static DirtyClients GetDirty<T>(this T memory, long page, DirtyClients clients)
        where T : IDirtyMemory
        => memory.GetDirtyFlags(page) & clients;

    /// <summary>Those clients of the mask for which some page of the range is clean (cpu_physical_memory_range_includes_clean).</summary>
    public static DirtyClients RangeIncludesClean<T>(this T memory, PageRange range, DirtyClients clients)
        where T : IDirtyMemory
    {
        DirtyClients clean = DirtyClients.None;
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
        {
            if (clients.Includes(c) && !memory.AllDirty(range, c))
                clean |= c.ToSet();
        }
        return clean;
    }

    /// <summary>Clears and re-arms the TLBs of the range, dirty or not (cpu_physical_memory_reset_dirty).</summary>
    public static void ResetDirty<T>(this T memory, PageRange range, DirtyClients clients)
        where T : IDirtyMemory
    {
        memory.ClearDirtyRange(range, clients);
        if (range.Count != 0)
            memory.Options.Tlb.ResetDirty(range.Start, range.Count);
    }

    /// <summary>Lists dirty pages in ascending order, as many as fit; returns how many (get_dirty_range of thread 0).</summary>
    public static int CollectDirty<T>(this T memory, PageRange range, Span<long> pages, DirtyClients clients)
        where T : IDirtyMemory
    {
        int found = 0;
        long page = range.Start;
        while (page < range.End && found < pages.Length)
        {
            page += memory.CleanRun(new PageRange(page, range.End - page), clients);
            // Empty if the page was cleared between the two questions; the next round then skips it.
            long end = page + memory.DirtyRun(new PageRange(page, range.End - page), clients);
            for (; page < end && found < pages.Length; page++)
                pages[found++] = page;
        }
        return found;
    }

    /// <summary>Ors a dirty log of a kernel into every enabled client among those given (cpu_physical_memory_set_dirty_lebitmap).</summary>
    /// <param name="memory">The view.</param>
    /// <param name="littleEndian">Bit i stands for <paramref name="pagesPerBit"/> pages from range.Start + i * pagesPerBit.</param>
    /// <param name="range">The pages the log covers; bits beyond are ignored.</param>
    /// <param name="pagesPerBit">Host page size over guest page size, at least 1.</param>
    /// <param name="clients">DirtyClients.NoCode if nothing is translated.</param>
    public static void MergeDirtyLog<T>(
        this T memory, ReadOnlySpan<ulong> littleEndian, PageRange range, int pagesPerBit = 1, DirtyClients clients = DirtyClients.All)
        where T : IDirtyMemory
    {
        long bits = (range.Count + pagesPerBit - 1) / pagesPerBit;
        int words = checked((int)((bits + 63) / 64));
        for (int k = BitScan.NextNonZero(littleEndian, 0, words); k < words; k = BitScan.NextNonZero(littleEndian, k + 1, words))
        {
            ulong log = BitConverter.IsLittleEndian ? littleEndian[k] : BinaryPrimitives.ReverseEndianness(littleEndian[k]);
            if (k == words - 1)
                log &= BitScan.LowMask((int)(bits - 64L * k));
            if (pagesPerBit == 1 && range.Start % 64 == 0)
            {
                memory.SetDirtyWord(range.Start + 64L * k, log, clients);
                continue;
            }
            for (; log != 0; log &= log - 1)
            {
                long first = range.Start + (64L * k + System.Numerics.BitOperations.TrailingZeroCount(log)) * pagesPerBit;
                long count = Math.Min(pagesPerBit, range.End - first);
                for (long page = first; page < first + count; page++)
                    memory.SetDirtyFlags(page, clients);
            }
        }
        if (range.Count != 0)
            memory.Options.Listener?.Modified(range.ToBytes());
    }

    /// <summary>Takes and clears the dirty pages of a range, and re-arms its TLBs even if there were none (snapshot_and_clear_dirty).</summary>
    /// <remarks>
    /// Deviation: QEMU rounds the range out to words, clears all of it and re-arms only the range (DM11). Here the edge words give up only the bits
    /// asked for, so neighbours keep theirs and what is cleared is exactly what is re-armed. Handing surplus bits back afterwards would hide a
    /// neighbour's page for a moment, in which its owner's last pass could miss it.
    /// </remarks>
    public static DirtySnapshot SnapshotAndClearDirty<T>(this T memory, PageRange range, DirtyClient client)
        where T : IDirtyMemory
    {
        ulong[] bits = new ulong[(range.Count + 63) / 64];
        memory.SyncDirtyBitmap(bits, range, client);
        if (range.Count != 0)
            memory.Options.Tlb.ResetDirty(range.Start, range.Count);
        return new DirtySnapshot(range, bits);
    }
}
