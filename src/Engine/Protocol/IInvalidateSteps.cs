using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Protocol;

/// <summary>Invalidation of one block: do_tb_phys_invalidate; races.md 3.4, TB10, TB14, TB27, TB28.</summary>
public interface IInvalidateSteps
{
    /// <summary>Guarantee: once it has returned true or false, no look-up and no jump of a live block reaches the block.</summary>
    /// <param name="held">The locks of the block's pages: they make a second invalidator wait until the first is done (TB27).</param>
    /// <returns>False if somebody else has invalidated it.</returns>
    static virtual bool Invalidate<TProtocol>(TbContext context, TranslationBlock tb, PageLocks held)
        where TProtocol : struct, IProtocol
    {
        lock (tb.JumpLock)
        {
            tb.MarkInvalid(); // 1. Part of every look-up key, and AddJump refuses it.
        }

        if (!context.Hash.Remove(tb)) // 2. A later look-up misses.
        {
            return false;
        }

        context.Pages.Remove(tb, held);
        foreach (VCpu cpu in context.Cpus.Snapshot) // 3. Tidiness: a slot that a race refills fails on the key.
        {
            cpu.JumpCache.Evict(tb.Code);
        }

        TProtocol.RemoveOutgoing(tb, 0); // 4. It leaves its destinations' lists, and can join none.
        TProtocol.RemoveOutgoing(tb, 1);
        TProtocol.UnlinkIncoming(tb);    // 5. Since 1 no jump can be added, so this unlinks all there are.
        return true;
    }

    /// <summary>
    /// The locks of the block's pages have been taken: does it still lie on them? While its pages were found out no lock was held, so
    /// for a thread that is no vCPU its slot may have been flushed and handed out again, to a block of other pages.
    /// </summary>
    static virtual bool IsStillOn(PageLocks held, TranslationBlock tb) => held.Cover(tb);

    /// <summary>
    /// Whether a store into a page with code looks for blocks before it is done (QEMU's notdirty_write) instead of afterwards. Then the
    /// page's lock is free again while the store is on its way, and who translates in between reads the old bytes (TB14).
    /// </summary>
    static virtual bool InvalidatesBeforeStore => false;

    /// <summary>A store has invalidated the block its vCPU runs (TB28).</summary>
    /// <returns>True if the vCPU must leave the block right after the store; the locks are released either way.</returns>
    static virtual bool LeaveAfterStore(PageLocks held)
    {
        held.Dispose();
        return true;
    }
}
