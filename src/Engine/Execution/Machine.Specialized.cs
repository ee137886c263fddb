using Verify.Engine.Auditing;
using Verify.Engine.Backends;
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
    private readonly bool _hasGracePeriod;        // else no slot ever waits for one
    private TInvalidation _invalidation;          // under TbLock if it takes TbLock, except CodeLeft
    private TAudit _audit;

    /// <param name="flush">How the cache is flushed; takes the place of the one in <paramref name="options"/>.</param>
    /// <param name="storage">When flushed slots are handed out again; takes the place of the one in <paramref name="options"/>.</param>
    /// <exception cref="ElfException">The image does not fit.</exception>
    public Machine(GuestImage image, MachineOptions options, FlushDiscipline flush, TbStorage storage, TAudit audit = default)
        : base(image, options, StorageFor(options, flush, storage), TProtocol.InvalidatesBeforeStore)
    {
        _exclusive = new ExclusiveSection<TProtocol>(Tb.Cpus, BigLock, Exclusive);
        _flush = flush;
        _hasGracePeriod = Tb.Arena.Storage == TbStorage.AfterGracePeriod;
        _audit = audit;
        _invalidation = default;
        int cpus = Math.Max(options.Cpus, options.MaxCpus);
        _audit.Attach(cpus);
        _invalidation.Attach(cpus);
    }

    public override long FlushCount => Tb.FlushCount;

    public override long TranslatedCount => Tb.Arena.AllocatedCount;

    public override void CpuExec(VCpu cpu)
    {
        lock (Completion)
        {
            if (cpu.Gone)
            {
                return; // unplugged before it started
            }

            if (cpu.Started)
            {
                throw new InvalidOperationException($"another thread runs vCPU {cpu.Index}: call CpuExec once for each vCPU");
            }

            cpu.Started = true;
        }

        try
        {
            ParkIfPaused(cpu);
            bool goesOn = !MustStop(cpu);
            while (goesOn)
            {
                if (cpu.Halted)
                {
                    SleepInWfi(cpu);
                }
                else
                {
                    ExecOnce(cpu);
                }

                ProcessQueuedWork(cpu);
                TakeInterrupt(cpu);
                goesOn = !cpu.Ended && GoesOn(cpu);
            }
        }
        catch
        {
            RequestStop();
            throw;
        }
        finally
        {
            FinishWork(cpu);
            LeaveForGood();
            LetGoOfMemory(cpu);
            lock (Completion)
            {
                cpu.Gone = true;
                Monitor.PulseAll(Completion);
            }

            _audit.Stopped(cpu);
        }
    }

    private void ExecOnce(VCpu cpu)
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
    }

    // cpu_exec: until the hart ends or sleeps, or somebody wants something from the vCPU.
    private void CpuLoop(VCpu cpu)
    {
        TbCode? ran = null;
        int exit = NoExit;
        while (!cpu.Ended && !cpu.Halted && !cpu.MustLeaveLoop())
        {
            if (cpu.Budget <= 0)
            {
                Tick(cpu);
            }
            else if (TbFind(cpu, ran, exit) is { } code)
            {
                ran = Execute(cpu, code, out exit);
                _audit.Left(cpu, ran, exit);
                _invalidation.CodeLeft(cpu);
            }
            else if (cpu.FetchAgain)
            {
                cpu.FetchAgain = false;
                exit = NoExit; // the pc may have changed since that exit was taken
            }
            else
            {
                break;
            }
        }
    }

    private TbCode Execute(VCpu cpu, TbCode code, out int exit) =>
        Backend == null ? Interpreter.Run<TMemory, TAudit>(this, cpu, code, ref _audit, out exit) : Backend.Run(this, cpu, code, out exit);

    // The collector keeps what the interpreter runs. Machine code is overwritten when it is recycled, so nobody may be in it, nor hold its slot.
    private static TbStorage StorageFor(MachineOptions options, FlushDiscipline flush, TbStorage storage) =>
        options.Backend != BackendKind.Interpreter && flush == FlushDiscipline.UnderTbLock ? TbStorage.AfterGracePeriod : storage;

    private void EnterLoop(VCpu cpu)
    {
        if (TInvalidation.TakesTbLock)
        {
            lock (_tbLock)
            {
                cpu.InLoop = true;
                HoldsNoOldSlot(cpu); // no last block
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

    public override (ulong Pc, TbCode Code)? JumpCacheEntry(VCpu cpu, ulong pc) => TProtocol.ReadJumpCache(cpu.JumpCache, pc);

    private bool MustStop(VCpu cpu) => StopRequested || (Volatile.Read(ref cpu.Requests) & VCpu.Unplug) != 0;

    // Between two executions; waits here while paused.
    private bool GoesOn(VCpu cpu)
    {
        if (StopRequested)
        {
            return false;
        }

        int requests = Volatile.Read(ref cpu.Requests);
        if ((requests & VCpu.Pause) != 0)
        {
            Park(cpu);
            return !MustStop(cpu);
        }

        return (requests & VCpu.Unplug) == 0;
    }

    public override TbCode? TbFind(VCpu cpu, TbCode? last, int exit)
    {
        if (!FetchCode(cpu, cpu.Pc, out CodeAddress at))
        {
            cpu.Budget--; // so that time passes in a loop of traps whose handler cannot be fetched
            cpu.FetchAgain = true;
            return null;
        }

        if (!TInvalidation.TakesTbLock)
        {
            return FindDecidePatch(cpu, last, exit, at);
        }

        lock (_tbLock)
        {
            TbCode? code = FindDecidePatch(cpu, last, exit, at);
            HoldsNoOldSlot(cpu);
            EndGracePeriodIfOver();
            return code;
        }
    }

    private TbCode? FindDecidePatch(VCpu cpu, TbCode? ran, int exit, CodeAddress at)
    {
        // The slot, not the code: from here on the engine knows of the last block only what QEMU's last_tb pointer tells.
        TranslationBlock? last = exit == NoExit ? null : ran!.Slot;
        TbCode? code = TbFind(cpu, at, ref last);
        if (code == null)
        {
            return null;
        }

        TranslationBlock tb = code.Slot;
        if (_invalidation.MayPatch(cpu, last, tb) && last != null && MayBeJumpedTo(last, tb) && last.Destination(exit) is (null, false))
        {
            _audit.Patch(cpu, ran!, exit, last, tb);
            TProtocol.AddJump(last, exit, tb);
        }

        _invalidation.BlockChosen(cpu);
        cpu.Lookups++;
        return code;
    }

    // A direct jump does not notice that a mapping has changed. That of the page of its origin was looked up on entering it; machine mode has none.
    // As translator_use_goto_tb of QEMU; to a block that spans pages there is never one.
    private static bool MayBeJumpedTo(TranslationBlock last, TranslationBlock tb) =>
        tb.Page1 < 0 && (tb.Code.Mode == TbFlags.None || (last.Pc ^ tb.Pc) < GuestRam.PageSize);

    // They set last to null if the vCPU has let go of it: it had to wait for slots.
    private TbCode? TbFind(VCpu cpu, CodeAddress at, ref TranslationBlock? last) =>
        TProtocol.FindInJumpCache(cpu.JumpCache, cpu.Pc) ?? TbFindSlow(cpu, at, ref last);

    private TbCode? TbFindSlow(VCpu cpu, CodeAddress at, ref TranslationBlock? last)
    {
        _invalidation.SlowLookup(cpu);
        ulong pc = cpu.Pc;
        TranslationBlock? tb;
        while ((tb = TbFindInHash(cpu, at, cpu.Mode)) == null && (tb = TbGenCode(cpu, pc, at, cpu.Mode, ref last)) == null)
        {
            // It waited: another vCPU may have generated the block. Or a flush was requested that this vCPU is in the way of.
            if (MustStop(cpu) || Volatile.Read(ref cpu.ExitRequest) == VCpu.OutOfLoop || cpu.FetchAgain)
            {
                return null;
            }
        }

        TbCode code = tb.Code;
        TProtocol.PutIntoJumpCache(cpu.JumpCache, code);
        return code;
    }

    private TranslationBlock? TbFindInHash(VCpu cpu, CodeAddress at, TbFlags flags) =>
        Tb.Hash.Find(cpu.Pc, PageOf(at.Physical), flags, cpu.Mode == TbFlags.None ? TbHash.AnyPage : SecondPage(cpu, at));

    /// <summary>The physical page that follows the page of the vCPU's pc, without consequences; -1 if that is not to be had.</summary>
    private int SecondPage(VCpu cpu, CodeAddress at) =>
        at.SpansTwoPages ? PageOf(at.SecondPage) :
        ProbeCode(cpu, (cpu.Pc | (GuestRam.PageSize - 1)) + 1, out ulong physical) ? PageOf(physical) : -1;

    private int PageOf(ulong address) => (int)Ram.PageOf(address);
}
