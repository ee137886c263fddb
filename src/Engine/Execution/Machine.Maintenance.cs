using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The part QEMU keeps in tb-maint.c: invalidation, flush, grace period.</summary>
public sealed partial class Machine<TInvalidation, TMemory, TAudit, TProtocol>
{
    public override bool TbPhysInvalidate(ulong pc)
    {
        if (!Ram.Contains(pc, 1))
        {
            return false;
        }

        int page = PageOf(pc);
        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        while (Tb.Hash.Find(pc, page, TbFlags.None) is { } tb)
        {
            using PageLocks held = PageLocks.TakePagesOf(Tb.Pages, tb);
            if (Tb.Hash.Find(pc, page, TbFlags.None) == tb && TProtocol.IsStillOn(held, tb))
            {
                return Invalidate(tb, held);
            }
        }

        return false;
    }

    public override bool TbPhysInvalidate(TranslationBlock tb)
    {
        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        using PageLocks held = PageLocks.TakePagesOf(Tb.Pages, tb);

        // In the hash and on a page that is held, no flush can hand its slot out: it empties the hash, and then waits for the page.
        return Tb.Hash.Contains(tb) && TProtocol.IsStillOn(held, tb) && Invalidate(tb, held);
    }

    private protected override bool InvalidateRange(ulong address, ulong length, TbCode? running)
    {
        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        (int first, int last) = (PageOf(address), PageOf(address + length - 1));
        ulong offset = ((ulong)first << GuestRam.PageBits) + (address & (GuestRam.PageSize - 1));
        using PageLocks held = PageLocks.TakeBlocksIn(Tb.Pages, first, last);
        bool leave = false;
        for (int page = first; page <= last; page++)
        {
            bool found = false;
            foreach (TranslationBlock tb in held.BlocksOf(page))
            {
                if (Overlaps(tb, page, offset, length))
                {
                    found = true;
                    leave |= running != null && running.Slot == tb && running.Generation == tb.Generation;
                    Invalidate(tb, held);
                }
            }

            if (!found)
            {
                Tb.Pages.ClearCodeIfEmpty(page, held);
            }
        }

        return leave && TProtocol.LeaveAfterStore(held);
    }

    private protected override void InvalidatePages(long firstPage, long count)
    {
        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        for (int page = (int)firstPage; page < firstPage + count; page++)
        {
            if (!Tb.Pages.HasBlocks(page))
            {
                continue;
            }

            using PageLocks held = PageLocks.TakeBlocksIn(Tb.Pages, page, page);
            foreach (TranslationBlock tb in held.BlocksOf(page))
            {
                Invalidate(tb, held);
            }
        }
    }

    private protected override bool EndPause(ref int pauses) => TProtocol.EndPause(ref pauses);

    private protected override bool LeavePark(bool mustStay) => TProtocol.LeavePark(mustStay);

    private protected override void ChangeRam(Action change) => TProtocol.ChangeRam(BigLock, _plugLock, change);

    private protected override void AwaitReaders(RamList others) => TProtocol.AwaitReaders(others.Rcu);

    private protected override void AddBlock(Action extend, Action publish, Action markDirty) => TProtocol.AddBlock(extend, publish, markDirty);

    private protected override void RemoveBlock(Action unpublish, Action flushTranslations, Action freeAfterGracePeriod) =>
        TProtocol.RemoveBlock(unpublish, flushTranslations, freeAfterGracePeriod);

    // Whether the part of the block that lies on the page contains a byte of [offset, offset + length), counted through all pages of RAM.
    private static bool Overlaps(TranslationBlock tb, int page, ulong offset, ulong length)
    {
        ulong start = ((ulong)tb.Page0 << GuestRam.PageBits) + (tb.Pc & (GuestRam.PageSize - 1));
        ulong inFirst = Math.Min((ulong)tb.Size, ((ulong)(tb.Page0 + 1) << GuestRam.PageBits) - start);
        bool first = tb.Page0 == page && start < offset + length && offset < start + inFirst;
        ulong second = (ulong)Math.Max(tb.Page1, 0) << GuestRam.PageBits;
        return first || (tb.Page1 == page && second < offset + length && offset < second + ((ulong)tb.Size - inFirst));
    }

    private bool Invalidate(TranslationBlock tb, PageLocks held)
    {
        bool first = TProtocol.Invalidate<TProtocol>(Tb, tb, held);
        if (first)
        {
            _invalidation.Invalidated(tb);
        }

        return first;
    }

    public override bool TbAddJump(TranslationBlock last, int n, TranslationBlock tb)
    {
        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        return MayBeJumpedTo(last, tb) && TProtocol.AddJump(last, n, tb);
    }

    public override TranslationBlock? TbFind(VCpu cpu)
    {
        if (!FetchCode(cpu, cpu.Pc, out CodeAddress at))
        {
            return null;
        }

        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        TranslationBlock? none = null;
        return TbFind(cpu, at, ref none)?.Slot;
    }

    public override void TbFlush()
    {
        if (_flush == FlushDiscipline.UnderTbLock)
        {
            FlushUnderTbLock(null);
            return;
        }

        StartExclusive(null);
        try
        {
            FlushNow(null);
        }
        finally
        {
            EndExclusive(null);
        }
    }

    public override void TbFlush(VCpu cpu)
    {
        if (_flush == FlushDiscipline.UnderTbLock)
        {
            FlushUnderTbLock(cpu);
        }
        else if (cpu.ExclusiveDepth > 0)
        {
            FlushNow(cpu);
        }
        else
        {
            long requested = Tb.FlushCount;
            AsyncSafeRunOnCpu(cpu, self =>
            {
                if (TProtocol.StillWanted(requested, Tb.FlushCount))
                {
                    FlushNow(self);
                }
            });
        }
    }

    // Who still runs old code is asked to leave it; until then that code follows links between old code only.
    private void FlushUnderTbLock(VCpu? requester)
    {
        lock (_tbLock)
        {
            FlushNow(requester);
            foreach (VCpu cpu in Tb.Cpus.Snapshot)
            {
                if (cpu != requester && cpu.InLoop)
                {
                    cpu.KickOutOfCode(); // it may keep its last block: whether that is linked is the strategy's business
                }
            }

            EndGracePeriodIfOver();
        }
    }

    // Under TbLock, or in an exclusive section. TbLock even there, for strategies that keep their state under it.
    private void FlushNow(VCpu? requester)
    {
        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        foreach (VCpu cpu in Tb.Cpus.Snapshot)
        {
            cpu.JumpCache.Clear();
            _invalidation.CpuFlushed(cpu);
        }

        _invalidation.Flushed(Tb.Arena);
        TProtocol.ResetTables(Tb);
        Tb.FinishFlush();
        if (_flush == FlushDiscipline.Exclusive)
        {
            Tb.Arena.EndGracePeriod(); // nobody is inside, so nobody holds a slot
        }
    }

    private protected override void WakeWaiters()
    {
        lock (_tbLock)
        {
            Monitor.PulseAll(_tbLock);
        }
    }

    // Under TbLock, which Monitor.Wait gives up. A waiting vCPU holds no slot; whatever makes it wait therefore never waits for it.
    private void WaitForSlots(VCpu cpu)
    {
        cpu.WaitsForSlots = true;
        EndGracePeriodIfOver();
        while (Tb.Arena.RetiredCount > 0 && !MustStop(cpu))
        {
            Monitor.Wait(_tbLock);
        }

        cpu.WaitsForSlots = false;
        HoldsNoOldSlot(cpu);
    }

    // Under TbLock: the vCPU holds no slot from before any flush.
    private void HoldsNoOldSlot(VCpu cpu)
    {
        if (_hasGracePeriod)
        {
            cpu.QuietSince = Tb.FlushCount;
        }
    }

    // Under TbLock, wherever a vCPU has let go of its slots: end of a critical section, start of a wait, end of its loop.
    private void EndGracePeriodIfOver()
    {
        if (!_hasGracePeriod || Tb.Arena.RetiredCount == 0)
        {
            return;
        }

        foreach (VCpu cpu in Tb.Cpus.Snapshot)
        {
            if (cpu.InLoop && !cpu.WaitsForSlots && cpu.QuietSince < Tb.FlushCount)
            {
                return;
            }
        }

        Tb.Arena.EndGracePeriod();
        Monitor.PulseAll(_tbLock);
    }

    /// <summary>TbLock for the strategies that take it, nothing for the others.</summary>
    private readonly ref struct TbLockScope
    {
        private readonly object? _held;

        internal TbLockScope(object tbLock, bool take)
        {
            if (take)
            {
                Monitor.Enter(tbLock);
                _held = tbLock;
            }
        }

        public void Dispose()
        {
            if (_held != null)
            {
                Monitor.Exit(_held);
            }
        }
    }
}
