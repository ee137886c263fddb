using Verify.Engine.Auditing;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The machine specialised by the JIT for a strategy, a way to access memory, an audit and a protocol: none of them costs a call.</summary>
/// <remarks>
/// The loop is QEMU's (cpu-exec.c): execute a chain; then find or generate the next block, decide whether the last one may be patched, and patch it.
/// For strategies that take TbLock the second part is one critical section, as at 118b0730; for upstream's final scheme it takes no common lock.
/// Lock order: big lock, TbLock, page locks in ascending order, jump lock of one destination; the locks inside hash, arena and page table are leaves.
/// </remarks>
public sealed partial class Machine<TInvalidation, TMemory, TAudit, TProtocol> : Machine
    where TInvalidation : struct, IInvalidationStrategy
    where TMemory : struct, IGuestMemory
    where TAudit : struct, IAudit
    where TProtocol : struct, IProtocol
{
    private readonly object _tbLock = new();      // TbLock
    private readonly ExclusiveSection<TProtocol> _exclusive;
    private readonly FlushDiscipline _flush;
    private TInvalidation _invalidation;          // under TbLock if it takes TbLock, except CodeLeft
    private TAudit _audit;
    private long _translatedCount;                // Interlocked

    /// <param name="flush">How the cache is flushed; takes the place of the one in <paramref name="options"/>.</param>
    /// <param name="storage">When flushed slots are handed out again; takes the place of the one in <paramref name="options"/>.</param>
    /// <exception cref="ElfException">The image does not fit.</exception>
    public Machine(GuestImage image, MachineOptions options, FlushDiscipline flush, TbStorage storage, TAudit audit = default)
        : base(image, options, storage)
    {
        _exclusive = new ExclusiveSection<TProtocol>(Tb.Cpus, BigLock, Exclusive);
        _flush = flush;
        _audit = audit;
        _invalidation = default;
        int cpus = Math.Max(options.Cpus, options.MaxCpus);
        _audit.Attach(cpus);
        _invalidation.Attach(cpus);
    }

    public override long FlushCount => Tb.FlushCount;

    public override long TranslatedCount => Interlocked.Read(ref _translatedCount);

    public override void CpuExec(int index)
    {
        VCpu cpu = CpuAt(index);
        lock (Completion)
        {
            if (cpu.Gone)
            {
                return; // unplugged before it started
            }

            cpu.Started = true;
        }

        try
        {
            do
            {
                CpuExecStart(cpu);
                try
                {
                    CpuLoop(cpu);
                }
                finally
                {
                    CpuExecEnd(cpu);
                }

                ProcessQueuedWork(cpu);
            }
            while (!cpu.Ended && !MustStop(cpu));
        }
        catch
        {
            RequestStop();
            throw;
        }
        finally
        {
            while (!cpu.Work.TryClose())
            {
                _exclusive.ProcessQueuedWork(cpu, Completion);
            }

            lock (Completion)
            {
                cpu.Gone = true;
                Monitor.PulseAll(Completion);
            }

            _audit.Stopped(cpu);
        }
    }

    // cpu_exec: until the hart ends or somebody wants something from the vCPU.
    private void CpuLoop(VCpu cpu)
    {
        TbCode? ran = null;
        int exit = NoExit;
        while (!cpu.Ended && !cpu.MustLeaveLoop() && TbFind(cpu, ran, exit) is { } code)
        {
            ran = Interpreter.Run<TMemory, TAudit>(this, cpu, code, ref _audit, out exit);
            _audit.Left(cpu, ran, exit);
            _invalidation.CodeLeft(cpu);
        }
    }

    private void EnterLoop(VCpu cpu)
    {
        if (TInvalidation.TakesTbLock)
        {
            lock (_tbLock)
            {
                cpu.InLoop = true;
                cpu.QuietSince = Tb.FlushCount; // no last block
                _invalidation.RunStarts(cpu);
            }
        }
    }

    private void LeaveLoop(VCpu cpu)
    {
        if (TInvalidation.TakesTbLock)
        {
            lock (_tbLock)
            {
                cpu.InLoop = false;
                EndGracePeriodIfOver();
            }
        }
    }

    private bool MustStop(VCpu cpu) => StopRequested || Volatile.Read(ref cpu.UnplugRequest) != 0;

    public override TbCode? TbFind(VCpu cpu, TbCode? last, int exit)
    {
        if (!TInvalidation.TakesTbLock)
        {
            return FindDecidePatch(cpu, last, exit);
        }

        lock (_tbLock)
        {
            TbCode? code = FindDecidePatch(cpu, last, exit);
            cpu.QuietSince = Tb.FlushCount; // this vCPU holds no slot from before any flush
            EndGracePeriodIfOver();
            return code;
        }
    }

    private TbCode? FindDecidePatch(VCpu cpu, TbCode? ran, int exit)
    {
        // The slot, not the code: from here on the engine knows of the last block only what QEMU's last_tb pointer tells.
        TranslationBlock? last = exit == NoExit ? null : ran!.Slot;
        TbCode? code = TbFind(cpu, ref last);
        if (code == null)
        {
            return null;
        }

        TranslationBlock tb = code.Slot;
        if (_invalidation.MayPatch(cpu, last, tb) && last != null && MayBeJumpedTo(tb) && last.Destination(exit) is (null, false))
        {
            _audit.Patch(cpu, ran!, exit, last, tb);
            TProtocol.AddJump(last, exit, tb);
        }

        _invalidation.BlockChosen(cpu);
        cpu.Lookups++;
        return code;
    }

    // The mapping of the second page may change without any change of the first, and a direct jump would not notice.
    private static bool MayBeJumpedTo(TranslationBlock tb) => tb.Page1 < 0;

    // They set last to null if the vCPU has let go of it: it had to wait for slots.
    private TbCode? TbFind(VCpu cpu, ref TranslationBlock? last) =>
        TProtocol.FindInJumpCache(cpu.JumpCache, cpu.Pc) ?? TbFindSlow(cpu, ref last);

    private TbCode? TbFindSlow(VCpu cpu, ref TranslationBlock? last)
    {
        _invalidation.SlowLookup(cpu);
        ulong pc = cpu.Pc;
        if (!FetchPage(cpu, pc, out int page))
        {
            return null;
        }

        TranslationBlock? tb;
        while ((tb = Tb.Hash.Find(pc, page, TbFlags.None)) == null && (tb = TbGenCode(cpu, pc, page, TbFlags.None, ref last)) == null)
        {
            // It waited: another vCPU may have generated the block. Or a flush was requested that this vCPU is in the way of.
            if (MustStop(cpu) || Volatile.Read(ref cpu.ExitRequest) == VCpu.OutOfLoop)
            {
                return null;
            }
        }

        TbCode code = tb.Code;
        cpu.JumpCache.Set(code);
        return code;
    }

    private bool FetchPage(VCpu cpu, ulong pc, out int page)
    {
        bool aligned = pc % 4 == 0;
        if (!aligned || !Ram.Contains(pc, 4))
        {
            RaiseFault(cpu, pc, aligned ? "jump to an address outside RAM" : "jump to a misaligned address");
            page = -1;
            return false;
        }

        page = PageOf(pc);
        return true;
    }

    private int PageOf(ulong address) => (int)((address - Ram.Start) >> GuestRam.PageBits);
}
