using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The operations of a machine on translated code and vCPUs, under QEMU's names. The list is that of races.md 2.3 and 3.6.</summary>
public abstract partial class Machine
{
    private protected readonly object Completion = new(); // who waits for a vCPU's work or end waits here
    private readonly VCpu?[] _slots;                      // by index; under _slotsLock
    private readonly object _slotsLock = new();

    /// <summary>The chain ended where no direct jump can be linked.</summary>
    public const int NoExit = Interpreter.NoExit;

    public BigLock BigLock { get; } = new();

    /// <summary>Whether an exclusive section is on or pending.</summary>
    public ExclusiveState Exclusive { get; } = new();

    /// <summary>
    /// Runs one vCPU on the calling thread until its hart ends, is unplugged, or the machine is stopped. At most once for each vCPU.
    /// </summary>
    /// <param name="index">Number of the vCPU.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU, or it has been unplugged.</exception>
    public void CpuExec(int index) => CpuExec(CpuAt(index));

    /// <summary>
    /// As <see cref="CpuExec(int)"/>, for a vCPU that may be unplugged before it starts, and whose number another one may have by then: this returns.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another thread runs it.</exception>
    public abstract void CpuExec(VCpu cpu);

    /// <summary>Between this and <see cref="CpuExecEnd"/> a vCPU may hold blocks and run them. On its own thread.</summary>
    public abstract void CpuExecStart(VCpu cpu);

    /// <inheritdoc cref="CpuExecStart"/>
    public abstract void CpuExecEnd(VCpu cpu);

    /// <summary>Waits until no vCPU is inside <see cref="CpuExecStart"/> and <see cref="CpuExecEnd"/>, and keeps all outside.</summary>
    /// <param name="self">The vCPU whose thread this is, outside itself; or null. Only a vCPU's sections nest.</param>
    /// <exception cref="InvalidOperationException">The vCPU runs (TB24), or the big lock is held (TB23).</exception>
    public abstract void StartExclusive(VCpu? self);

    public abstract void EndExclusive(VCpu? self);

    /// <summary>Has the vCPU's thread do something, outside generated code and under the big lock; does not wait.</summary>
    public abstract void AsyncRunOnCpu(VCpu cpu, Action<VCpu> work);

    /// <summary>Has the vCPU's thread do something in an exclusive section; does not wait.</summary>
    public abstract void AsyncSafeRunOnCpu(VCpu cpu, Action<VCpu> work);

    /// <summary>Has the vCPU's thread do something and waits for it; gives up the big lock, if held, meanwhile.</summary>
    /// <param name="caller">The vCPU whose thread calls, outside its execution; or null. Its own work runs at once.</param>
    /// <remarks>A vCPU that has not started yet does its work when it starts; for one that has ended the caller does it, under the big lock.</remarks>
    /// <exception cref="Exception">What the work threw.</exception>
    public abstract void RunOnCpu(VCpu cpu, Action<VCpu> work, VCpu? caller = null);

    /// <summary>Does the vCPU's queued work, on its thread, while it is outside. <see cref="CpuExec(int)"/> does so itself.</summary>
    public abstract void ProcessQueuedWork(VCpu cpu);

    /// <summary>Plugs a vCPU in, while others run or not. The caller then calls <see cref="CpuExec(VCpu)"/> on a thread for it.</summary>
    /// <param name="pc">Where the hart starts; a0 is its number.</param>
    /// <exception cref="InvalidOperationException">All <see cref="MachineOptions.MaxCpus"/> places are taken.</exception>
    public abstract VCpu AddCpu(ulong pc);

    /// <summary>Unplugs a vCPU: it leaves its loop at once, and this waits for it. Not on a vCPU's thread; gives up the big lock meanwhile.</summary>
    /// <remarks>A vCPU that has not started never will: its <see cref="CpuExec(VCpu)"/> returns at once.</remarks>
    /// <exception cref="InvalidOperationException">Somebody has unplugged it, or is about to.</exception>
    public void RemoveCpu(VCpu cpu)
    {
        lock (Completion)
        {
            if (cpu.Unplugged)
            {
                throw new InvalidOperationException($"vCPU {cpu.Index} has been unplugged already");
            }

            cpu.Unplugged = true;
        }

        Interlocked.Or(ref cpu.Requests, VCpu.Unplug);
        cpu.Kick();
        WakeWaiters();
        bool held = BigLock.IsHeld;
        if (held)
        {
            BigLock.Exit();
        }

        bool started;
        lock (Completion)
        {
            started = cpu.Started;
            while (started && !cpu.Gone)
            {
                Monitor.Wait(Completion);
            }

            cpu.Gone = true; // if it has not started, it never will
        }

        if (!started)
        {
            UnplugUnstarted(cpu);
            _idle.Leave();
        }

        if (held)
        {
            BigLock.Enter();
        }

        Tb.Cpus.Remove(cpu);
        Ram.Detach(cpu.Tlb);
        lock (_slotsLock)
        {
            _slots[cpu.Index] = null;
        }
    }

    private protected abstract void UnplugUnstarted(VCpu cpu);

    /// <summary>Throws all translated code away, at the request of a thread that is no vCPU (a debugger, say). Done when it returns.</summary>
    public abstract void TbFlush();

    /// <summary>Has all translated code thrown away: at once, or once the vCPU has left its loop (tb_flush, queue_tb_flush).</summary>
    /// <param name="cpu">The vCPU whose thread calls.</param>
    public abstract void TbFlush(VCpu cpu);

    /// <summary>The block at the vCPU's pc: from its jump cache, from the hash, or translated now (tb_find).</summary>
    /// <returns>
    /// Null if there is no space for a new one: the vCPU must leave its loop, so that the flush it has requested can happen. Or if its pc cannot be
    /// fetched from: it has trapped.
    /// </returns>
    public abstract TranslationBlock? TbFind(VCpu cpu);

    /// <summary>
    /// A turn of the main loop: finds or translates the block at the vCPU's pc, lets the strategy decide whether the block that ran last may be
    /// linked to it, and links it (tb_find with last_tb and tb_exit). Between <see cref="CpuExecStart"/> and <see cref="CpuExecEnd"/>.
    /// </summary>
    /// <param name="last">The code that ended the last chain, or null.</param>
    /// <param name="exit">Its exit to be linked, 0 or 1; or <see cref="NoExit"/>.</param>
    /// <returns>The code to run, or null if the vCPU must leave its loop.</returns>
    public abstract TbCode? TbFind(VCpu cpu, TbCode? last, int exit);

    /// <summary>What a vCPU's jump cache holds where it would look for <paramref name="pc"/>, for a monitor that lists it. By anybody.</summary>
    /// <returns>Code, stale or not, and the pc it is kept for; null if the entry is empty.</returns>
    public abstract (ulong Pc, TbCode Code)? JumpCacheEntry(VCpu cpu, ulong pc);

    /// <summary>Links exit <paramref name="n"/> (0 or 1) of <paramref name="last"/> to <paramref name="tb"/>, if both are still valid.</summary>
    public abstract bool TbAddJump(TranslationBlock last, int n, TranslationBlock tb);

    /// <summary>Throws away the block of machine mode at <paramref name="pc"/>.</summary>
    /// <returns>False if there is none.</returns>
    public abstract bool TbPhysInvalidate(ulong pc);

    /// <summary>Throws away the block, wherever it is known.</summary>
    /// <returns>False if somebody else has.</returns>
    public abstract bool TbPhysInvalidate(TranslationBlock tb);

    /// <summary>RAM was changed by something that is no vCPU: throws away the blocks made from the old bytes. After the change.</summary>
    public void InvalidateRange(ulong address, ulong length) => InvalidateRange(address, length, null);

    /// <summary>Translates at most <paramref name="maxInstructions"/> from the vCPU's pc for one execution, runs them, and frees the block.</summary>
    /// <param name="origin">
    /// The block these instructions were taken from, or null. Where a flush is exclusive it was found since the vCPU's CpuExecStart.
    /// </param>
    /// <returns>The origin, if it survived the generation of the temporary block; otherwise null.</returns>
    /// <remarks>
    /// After cpu_exec_nocache of QEMU cpu-exec.c at 118b0730. A flush under TbLock that came after the original was found but before the generation
    /// began is not noticed by every strategy (races.md 2.3, U2).
    /// On the vCPU's own thread, not inside <see cref="CpuExec(int)"/>.
    /// </remarks>
    public abstract TranslationBlock? CpuExecNoCache(VCpu cpu, int maxInstructions, TranslationBlock? origin);

    /// <summary>Runs one instruction of the vCPU while no other runs. On its own thread, outside its execution.</summary>
    /// <remarks>After cpu_exec_step_atomic of QEMU since 886cc689 (TB12).</remarks>
    public abstract void CpuExecStepAtomic(VCpu cpu);

    /// <summary>Has a vCPU forget its cached translations: its TLB and its jump cache (tlb_flush).</summary>
    /// <param name="caller">The vCPU whose thread calls, or null. It flushes its own at once; another one's TLB is its owner's alone (TB32).</param>
    /// <remarks>It does not wait: the owner goes on with the old translations until its next block boundary (TB30, TB31).</remarks>
    public void TlbFlush(VCpu cpu, VCpu? caller = null)
    {
        if (cpu == caller)
        {
            cpu.FlushTranslations();
        }
        else
        {
            AsyncRunOnCpu(cpu, static owner => owner.FlushTranslations());
        }
    }

    /// <summary>Has every vCPU forget its cached translations. It does not wait, but for the caller's own (tlb_flush_all_cpus).</summary>
    public void TlbFlushAllCpus(VCpu? caller = null)
    {
        foreach (VCpu cpu in Tb.Cpus.Snapshot)
        {
            TlbFlush(cpu, caller);
        }
    }

    /// <summary>
    /// As <see cref="TlbFlushAllCpus"/>, but the caller's own work is safe work: once that is done, every vCPU has done its own
    /// (tlb_flush_all_cpus_synced).
    /// </summary>
    /// <param name="caller">The vCPU whose thread calls. It must end its block.</param>
    public void TlbFlushAllCpusSynced(VCpu caller)
    {
        foreach (VCpu cpu in Tb.Cpus.Snapshot)
        {
            if (cpu != caller)
            {
                TlbFlush(cpu);
            }
        }

        AsyncSafeRunOnCpu(caller, static owner => owner.FlushTranslations());
    }

    /// <summary>Sets the vCPU's pc to that of the instruction at a host position inside generated code.</summary>
    /// <param name="position">See <see cref="TbCode.Position"/>; with machine code the host pc.</param>
    /// <returns>False, and nothing is changed, if no block covers the position: it was flushed, or is not known yet (TB18).</returns>
    public bool CpuRestoreState(VCpu cpu, long position)
    {
        if (Tb.Arena.FindCode(position) is not { } code)
        {
            return false;
        }

        int op = code.Native is { } native ? native.OpAt(native.Memory.OffsetOf((nint)position) - native.Entry) : (int)(position - code.Position);
        cpu.Pc = code.Pc + (2 * (ulong)code.Ops[op].Offset);
        return true;
    }

    private protected VCpu CpuAt(int index) =>
        CpuOrNull(index) ?? throw new ArgumentOutOfRangeException(nameof(index), $"there is no vCPU {index}");

    private VCpu? CpuOrNull(int index)
    {
        lock (_slotsLock)
        {
            return _slots[index];
        }
    }

    private protected VCpu NewCpu(ulong pc)
    {
        lock (_slotsLock)
        {
            int index = Array.IndexOf(_slots, null);
            if (index < 0)
            {
                throw new InvalidOperationException($"all {_slots.Length} vCPU places are taken; give the machine a greater MaxCpus");
            }

            _harts[index].Reset();
            VCpu cpu = new(_harts[index], Options.JumpCacheBits, _idle, Tb.Arena.Native == null ? null : Tb.Arena) { Pc = pc };
            cpu.Budget = Options.Milestones != null ? 0 : Math.Min(cpu.Budget, Options.InstructionLimit ?? cpu.Budget);
            cpu.X[10] = (ulong)index;
            Ram.Attach(cpu.Tlb);
            Backend?.Attach(this, cpu);
            _idle.Join();
            return _slots[index] = cpu;
        }
    }
}
