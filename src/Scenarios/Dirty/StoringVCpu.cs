using Verify.Engine.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>When a TLB entry may let stores go unnoticed; a struct.</summary>
public interface ITlbCleanTest
{
    /// <summary>Decides and installs.</summary>
    /// <param name="tlbLock">Held by whoever re-arms entries.</param>
    /// <param name="isClean">Whether some client wants to know of stores to the page.</param>
    /// <param name="install">Makes the entry fast, or not.</param>
    void Install(object tlbLock, Func<bool> isClean, Action<bool> install);
}

/// <summary>Asked under the lock re-arming takes: either this sees the clear, or the re-arming sees the entry (DM09, DM10).</summary>
public readonly struct CleanTestedUnderLock : ITlbCleanTest
{
    public void Install(object tlbLock, Func<bool> isClean, Action<bool> install)
    {
        lock (tlbLock)
        {
            install(!isClean());
        }
    }
}

/// <summary>A vCPU as far as dirty memory sees it: blocks of stores, each through a TLB entry that is fast or wants the page marked first.</summary>
/// <remarks>
/// A store is in flight from its check of the entry to the end of its block; <see cref="AwaitBlock"/> waits for it, as the empty work item of QEMU
/// 9458a9a1 does.
/// </remarks>
internal sealed class StoringVCpu<TTest>(int[] ram) : ITlbRearm
    where TTest : struct, ITlbCleanTest
{
    private readonly object _running = new();              // held while a block runs; outside TlbLock
    private readonly object _tlbLock = new();
    private readonly bool[] _fast = new bool[ram.Length];  // written under _tlbLock, read without by a store's check

    /// <summary>Whether stores to the page go unnoticed.</summary>
    internal bool IsFast(long page) => Volatile.Read(ref _fast[page]);

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

    public void ResetDirty(long startPage, long pageCount)
    {
        lock (_tlbLock)
        {
            for (long page = startPage; page < Math.Min(startPage + pageCount, _fast.Length); page++)
            {
                Volatile.Write(ref _fast[page], false);
            }
        }
    }

    /// <summary>tlb_set_page: brings the entry in.</summary>
    internal void Fill(IDirtyMemory memory, long page) =>
        default(TTest).Install(_tlbLock, () => memory.IsClean(page), isFast => Volatile.Write(ref _fast[page], isFast));

    // notdirty_write
    private void MarkDirty(IDirtyMemory memory, long page)
    {
        memory.SetDirtyWord(page & ~63L, 1UL << (int)page, DirtyClients.NoCode);
        Fill(memory, page);
    }
}
