using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Scenarios.Dirty;

/// <summary>When it is asked whether somebody wants to know of stores to a page; a struct.</summary>
public interface ITlbCleanTest
{
    /// <summary>What the TLB asks about a page, under its lock.</summary>
    PageCleanliness Watch(IDirtyMemory memory, long page);
}

/// <summary>Whether a page is clean for somebody: asked when it is wanted to know, or answered before.</summary>
/// <param name="answer">Null to ask when asked.</param>
public readonly struct PageCleanliness(IDirtyMemory memory, long page, bool? answer = null) : IPageWatch
{
    public bool IsWatched => answer ?? memory.IsClean(page);
}

/// <summary>Asked under the lock re-arming takes: either this sees the clear, or the re-arming sees the entry (DM09, DM10).</summary>
public readonly struct CleanTestedUnderLock : ITlbCleanTest
{
    public PageCleanliness Watch(IDirtyMemory memory, long page) => new(memory, page);
}

/// <summary>A vCPU as far as dirty memory sees it: blocks of stores, each through an entry of its TLB that is fast or wants the page marked first.</summary>
/// <remarks>
/// The TLB is the machine's own. The stores are QEMU's: marked before they are done, and in flight from their check of the entry to the end of their
/// block; <see cref="AwaitBlock"/> waits for it, as the empty work item of QEMU 9458a9a1 does.
/// </remarks>
internal sealed unsafe class StoringVCpu<TTest>(int[] ram) : ITlbRearm
    where TTest : struct, ITlbCleanTest
{
    private readonly object _running = new();              // held while a block runs; outside TlbLock
    private readonly SoftTlb _tlb = new();                 // guest and host addresses are the same: nothing is stored through it

    /// <summary>Whether stores to the page go unnoticed.</summary>
    internal bool IsFast(long page) => Volatile.Read(ref Entry(page)->Write) == Address(page);

    /// <summary>Runs one block of stores of values to a page.</summary>
    internal void RunBlock(IDirtyMemory memory, long page, params int[] values)
    {
        lock (_running)
        {
            foreach (int value in values)
            {
                if (!IsFast(page))
                {
                    MarkDirty(memory, page);
                }

                Volatile.Write(ref ram[page], value);
            }
        }
    }

    /// <summary>Returns when the block that runs now has ended.</summary>
    internal void AwaitBlock()
    {
        lock (_running)
        {
        }
    }

    public void ResetDirty(long startPage, long pageCount) =>
        _tlb.SetNotDirty((byte*)Address(startPage), (ulong)Math.Min(pageCount, ram.Length - startPage) << GuestRam.PageBits);

    /// <summary>tlb_set_page: brings the entry in.</summary>
    internal void Fill(IDirtyMemory memory, long page)
    {
        TlbEntry filled = new() { Read = Address(page), Write = Address(page), Code = TlbEntry.Invalid };
        _tlb.Fill(_tlb.Table(0), Address(page), filled, default(TTest).Watch(memory, page), isLargePage: false);
    }

    // notdirty_write
    private void MarkDirty(IDirtyMemory memory, long page)
    {
        memory.SetDirtyWord(page & ~63L, 1UL << (int)page, DirtyClients.NoCode);
        if (Entry(page)->Page == Address(page))
        {
            _tlb.DropNotDirty(Entry(page), default(TTest).Watch(memory, page));
        }
        else
        {
            Fill(memory, page);
        }
    }

    private TlbEntry* Entry(long page) => SoftTlb.Entry(_tlb.Table(0), Address(page));

    // Not page 0: an empty host address would be one.
    private static ulong Address(long page) => (ulong)(page + 1) << GuestRam.PageBits;
}
