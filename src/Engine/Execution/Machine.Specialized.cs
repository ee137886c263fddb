using Verify.Engine.Auditing;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The machine specialised by the JIT for a strategy, a way to access memory and an audit: none of the three costs a call.</summary>
/// <remarks>
/// The loop is QEMU's of 2016 (cpu-exec.c, translate-all.c at 118b0730): execute a chain; then, in one critical section under TbLock, find or
/// generate the next block, decide whether the last one may be patched, and patch it.
/// </remarks>
public sealed partial class Machine<TInvalidation, TMemory, TAudit> : Machine
    where TInvalidation : struct, IInvalidationStrategy
    where TMemory : struct, IGuestMemory
    where TAudit : struct, IAudit
{
    private readonly object _tbLock = new();      // TbLock
    private readonly CodeArena _arena;            // under TbLock
    private readonly TbCache _cache;              // under TbLock
    private readonly List<int> _codePages = [];   // pages with the flag HasCode; under TbLock
    private TInvalidation _invalidation;          // under TbLock, except CodeLeft
    private TAudit _audit;
    private long _flushCount;                     // under TbLock
    private long _translatedCount;                // under TbLock

    /// <param name="storage">When flushed slots are handed out again; takes the place of the one in <paramref name="options"/>.</param>
    /// <exception cref="ElfException">The image does not fit.</exception>
    public Machine(GuestImage image, MachineOptions options, TbStorage storage, TAudit audit = default)
        : base(image, options)
    {
        _arena = new CodeArena(options.TbCapacity, storage);
        _cache = new TbCache(options.TbCapacity, (int)(Ram.Size >> GuestRam.PageBits));
        _audit = audit;
        _invalidation = default;
        _audit.Attach(options.Cpus);
        _invalidation.Attach(options.Cpus);
    }

    public override long FlushCount
    {
        get
        {
            lock (_tbLock)
            {
                return _flushCount;
            }
        }
    }

    public override long TranslatedCount
    {
        get
        {
            lock (_tbLock)
            {
                return _translatedCount;
            }
        }
    }

    public override void CpuExec(int index)
    {
        VCpu cpu = Cpus[index];
        lock (_tbLock)
        {
            cpu.InLoop = true;
            _invalidation.RunStarts(cpu);
        }

        try
        {
            TbCode? ran = null;
            int exit = Interpreter.NoExit;
            while (!cpu.Ended && !StopAfterExitRequest(cpu, ref exit))
            {
                if (cpu.Budget <= 0 || cpu.Halted || !FetchCode(cpu, cpu.Pc, out CodeAddress at))
                {
                    exit = Interpreter.NoExit; // the pc may have changed since that exit was taken
                    LetTimePass(cpu);
                    continue;
                }

                if (FindAndPatch(cpu, ran, exit, at) is not { } code)
                {
                    exit = Interpreter.NoExit;
                    continue;
                }

                ran = Interpreter.Run<TMemory, TAudit>(this, cpu, code, ref _audit, out exit);
                _audit.Left(cpu, ran, exit);
                _invalidation.CodeLeft(cpu);
            }
        }
        catch
        {
            RequestStop();
            throw;
        }
        finally
        {
            lock (_tbLock)
            {
                cpu.InLoop = false;
                EndGracePeriodIfOver();
            }

            LeaveForGood();
            _audit.Stopped(cpu);
        }
    }

    /// <summary>The hart has no code to run at once: it sleeps, or its time is up, or its fetch trapped.</summary>
    private void LetTimePass(VCpu cpu)
    {
        if (!cpu.Halted)
        {
            cpu.Budget--; // so that a trap handler that cannot be fetched lets time pass too
            if (cpu.Budget <= 0)
            {
                Tick(cpu);
            }

            return;
        }

        lock (_tbLock)
        {
            cpu.WaitsForSlots = true; // it holds none
            EndGracePeriodIfOver();
        }

        SleepInWfi(cpu);
        lock (_tbLock)
        {
            cpu.WaitsForSlots = false;
            cpu.QuietSince = _flushCount;
        }
    }

    // The exchange is a full barrier between clearing the request and reading the stop flag; RequestStop writes them in the other order.
    private bool StopAfterExitRequest(VCpu cpu, ref int exit)
    {
        if (!cpu.IsKicked || Interlocked.Exchange(ref cpu.ExitRequest, 0) == 0)
        {
            return false;
        }

        if (StopRequested)
        {
            return true;
        }

        exit = Interpreter.NoExit; // an interrupt drops the last block
        Serve(cpu);
        return false;
    }

    /// <summary>Find, decide and patch: the critical section of every turn of the loop.</summary>
    /// <param name="ran">The block that ended the last chain, or null.</param>
    /// <param name="exit">Its exit to be linked, or <see cref="Interpreter.NoExit"/>.</param>
    /// <returns>The code to run, or null if the vCPU must stop or look again.</returns>
    private TbCode? FindAndPatch(VCpu cpu, TbCode? ran, int exit, CodeAddress at)
    {
        lock (_tbLock)
        {
            // The slot, not the code: from here on the engine knows of the last block only what QEMU's last_tb pointer tells.
            TranslationBlock? last = exit == Interpreter.NoExit ? null : ran!.Slot;
            TranslationBlock? tb = TbFind(cpu, at, ref last);
            if (tb == null)
            {
                return null;
            }

            if (_invalidation.MayPatch(cpu, last, tb) && last != null && last.Destination(exit) == null && ran!.MayChainTo(tb.Code))
            {
                _audit.Patch(cpu, ran!, exit, last, tb);
                TbLinker.AddJump(last, exit, tb);
            }

            _invalidation.BlockChosen(cpu);
            cpu.Lookups++;
            cpu.QuietSince = _flushCount; // this vCPU holds no slot from before any flush
            EndGracePeriodIfOver();
            return tb.Code;
        }
    }

    // The three below under TbLock. They set last to null if the vCPU had to wait for slots: it may not hold one then.
    private TranslationBlock? TbFind(VCpu cpu, CodeAddress at, ref TranslationBlock? last) =>
        cpu.JumpCache.Find(cpu.Pc, cpu.Mode)?.Slot ?? TbFindSlow(cpu, at, ref last);

    private TranslationBlock? TbFindSlow(VCpu cpu, CodeAddress at, ref TranslationBlock? last)
    {
        _invalidation.SlowLookup(cpu);
        ulong pc = cpu.Pc;
        TranslationBlock? tb = _cache.Find(pc, at.Physical, cpu.Mode) ??
            TbGenCode(cpu, pc, at, TbFlags.None, Options.MaxTbInstructions, ref last);
        if (tb == null)
        {
            return null; // it waited, without the lock: another vCPU may have generated the block
        }

        cpu.JumpCache.Set(tb.Code);
        return tb;
    }

    /// <returns>Null if the vCPU waited for free slots: look again.</returns>
    private TranslationBlock? TbGenCode(VCpu cpu, ulong pc, CodeAddress at, TbFlags flags, int maxInstructions, ref TranslationBlock? last)
    {
        TranslationBlock? tb = _arena.Allocate();
        if (tb == null && _arena.RetiredCount == 0)
        {
            TbFlush(cpu);
            _invalidation.FlushedForSpace(cpu);
            tb = _arena.Allocate();
        }

        if (tb == null)
        {
            last = null;
            WaitForSlots(cpu);
            return null;
        }

        if (Ram.MarkCode(PageOf(at.Physical)))
        {
            _codePages.Add(PageOf(at.Physical));
        }

        Op[] ops = Translator.Translate<TMemory>(Ram, at, maxInstructions);
        if (ops[0].Code == Opcode.Continue)
        {
            _arena.FreeLast(tb); // the first instruction has grown since its pages were looked up
            return null;
        }

        int size = (2 * ops[^1].Offset) + ops[^1].Length;
        tb.Construct(pc, at.Physical, cpu.Mode, size, flags, ops);
        _translatedCount++;
        if ((flags & TbFlags.NoCache) == 0)
        {
            _cache.Insert(tb, PageOf(at.Physical));
        }

        return tb;
    }

    private int PageOf(ulong address) => (int)((address - Ram.Start) >> GuestRam.PageBits);
}
