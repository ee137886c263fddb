using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The part QEMU keeps in tb-maint.c: flush, grace period, invalidation.</summary>
public sealed partial class Machine<TInvalidation, TMemory, TAudit>
{
    public override void TbFlush()
    {
        lock (_tbLock)
        {
            TbFlush(null);
        }
    }

    public override bool TbPhysInvalidate(ulong pc)
    {
        lock (_tbLock)
        {
            if (_cache.FindAny(pc) is not { } tb)
            {
                return false;
            }

            TbPhysInvalidate(tb);
            return true;
        }
    }

    private protected override void InvalidateRange(ulong address, ulong length)
    {
        lock (_tbLock)
        {
            for (ulong at = address & ~(ulong)(GuestRam.PageSize - 1); at < address + length; at += GuestRam.PageSize)
            {
                while (_cache.FindOverlap(PageOf(at), address, length) is { } tb)
                {
                    TbPhysInvalidate(tb);
                }
            }
        }
    }

    private protected override void WakeWaiters()
    {
        lock (_tbLock)
        {
            Monitor.PulseAll(_tbLock);
        }
    }

    // Under TbLock, the steps of races.md 3.4: mark, hash, page list, jump caches, outgoing, incoming.
    private void TbPhysInvalidate(TranslationBlock tb)
    {
        tb.MarkInvalid();
        if (!_cache.Remove(tb, PageOf(tb.Physical)))
        {
            return;
        }

        foreach (VCpu cpu in Cpus)
        {
            cpu.JumpCache.Evict(tb.Code);
        }

        TbLinker.RemoveOutgoing(tb);
        TbLinker.RemoveAllIncoming(tb);
        _invalidation.Invalidated(tb);
    }

    // Under TbLock. Who still runs old code is asked to leave it; until then that code follows links between old code only.
    private void TbFlush(VCpu? requester)
    {
        foreach (VCpu cpu in Cpus)
        {
            cpu.JumpCache.Clear();
            _invalidation.CpuFlushed(cpu);
        }

        _invalidation.Flushed(_arena);
        _cache.Clear(_codePages);
        foreach (int page in _codePages)
        {
            Ram.ClearCode(page);
        }

        _codePages.Clear();
        _arena.Reset();
        _flushCount++;
        foreach (VCpu cpu in Cpus)
        {
            if (cpu != requester && cpu.InLoop)
            {
                cpu.Kick();
            }
        }

        EndGracePeriodIfOver();
    }

    // Under TbLock, which Monitor.Wait gives up. A waiting vCPU holds no slot; whatever makes it wait therefore never waits for it.
    private void WaitForSlots(VCpu cpu)
    {
        cpu.WaitsForSlots = true;
        EndGracePeriodIfOver();
        while (_arena.IsFull && _arena.RetiredCount > 0 && !StopRequested)
        {
            Monitor.Wait(_tbLock);
        }

        cpu.WaitsForSlots = false;
        cpu.QuietSince = _flushCount;
    }

    // Under TbLock, wherever a vCPU has let go of its slots: end of a critical section, start of a wait, end of its loop.
    private void EndGracePeriodIfOver()
    {
        if (_arena.RetiredCount == 0)
        {
            return;
        }

        foreach (VCpu cpu in Cpus)
        {
            if (cpu.InLoop && !cpu.WaitsForSlots && cpu.QuietSince < _flushCount)
            {
                return;
            }
        }

        _arena.EndGracePeriod();
        Monitor.PulseAll(_tbLock);
    }
}
