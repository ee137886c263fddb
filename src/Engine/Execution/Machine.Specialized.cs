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
            while (!cpu.Ended && !StopAfterExitRequest(cpu) && FindAndPatch(cpu, ran, exit) is { } code)
            {
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

            _audit.Stopped(cpu);
        }
    }

    // The exchange is a full barrier between clearing the request and reading the stop flag; RequestStop writes them in the other order.
    private bool StopAfterExitRequest(VCpu cpu) =>
        Volatile.Read(ref cpu.ExitRequest) != 0 && Interlocked.Exchange(ref cpu.ExitRequest, 0) != 0 && StopRequested;

    /// <summary>Find, decide and patch: the critical section of every turn of the loop.</summary>
    /// <param name="ran">The block that ended the last chain, or null.</param>
    /// <param name="exit">Its exit to be linked, or <see cref="Interpreter.NoExit"/>.</param>
    /// <returns>The code to run, or null if the vCPU must stop.</returns>
    private TbCode? FindAndPatch(VCpu cpu, TbCode? ran, int exit)
    {
        lock (_tbLock)
        {
            // The slot, not the code: from here on the engine knows of the last block only what QEMU's last_tb pointer tells.
            TranslationBlock? last = exit == Interpreter.NoExit ? null : ran!.Slot;
            TranslationBlock? tb = TbFind(cpu, ref last);
            if (tb == null)
            {
                return null;
            }

            if (_invalidation.MayPatch(cpu, last, tb) && last != null && last.Destination(exit) == null)
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
    private TranslationBlock? TbFind(VCpu cpu, ref TranslationBlock? last) => cpu.JumpCache.Find(cpu.Pc)?.Slot ?? TbFindSlow(cpu, ref last);

    private TranslationBlock? TbFindSlow(VCpu cpu, ref TranslationBlock? last)
    {
        _invalidation.SlowLookup(cpu);
        ulong pc = cpu.Pc;
        if (!FetchIsPossible(cpu))
        {
            return null;
        }

        TranslationBlock? tb;
        while ((tb = _cache.Find(pc)) == null && (tb = TbGenCode(cpu, pc, TbFlags.None, Options.MaxTbInstructions, ref last)) == null)
        {
            // It waited, without the lock: another vCPU may have generated the block.
            if (StopRequested)
            {
                return null;
            }
        }

        cpu.JumpCache.Set(tb.Code);
        return tb;
    }

    /// <returns>Null if the vCPU waited for free slots: look again.</returns>
    private TranslationBlock? TbGenCode(VCpu cpu, ulong pc, TbFlags flags, int maxInstructions, ref TranslationBlock? last)
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

        if (Ram.MarkCode(PageOf(pc)))
        {
            _codePages.Add(PageOf(pc));
        }

        Op[] ops = Translator.Translate<TMemory>(Ram, pc, maxInstructions);
        int size = 4 * (ops[^1].Code == Opcode.Continue ? ops.Length - 1 : ops.Length);
        tb.Construct(pc, size, flags, ops);
        _translatedCount++;
        if ((flags & TbFlags.NoCache) == 0)
        {
            _cache.Insert(tb, PageOf(pc));
        }

        return tb;
    }

    private bool FetchIsPossible(VCpu cpu)
    {
        bool aligned = cpu.Pc % 4 == 0;
        if (!aligned || !Ram.Contains(cpu.Pc, 4))
        {
            RaiseFault(cpu, cpu.Pc, aligned ? "jump to an address outside RAM" : "jump to a misaligned address");
            return false;
        }

        return true;
    }

    private int PageOf(ulong address) => (int)((address - Ram.Start) >> GuestRam.PageBits);
}
