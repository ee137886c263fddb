using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>What the guest side asks of the machine: traps, fetches, environment calls, the consequences of stores, and the end.</summary>
public abstract partial class Machine
{
    /// <summary>Makes the next store into each page leave the fast path, of every vCPU: QEMU's tlb_reset_dirty_range_all.</summary>
    /// <remarks>For a machine without dirty memory; with it, its clients do this.</remarks>
    /// <param name="firstPage">Number of a page of RAM, from its start.</param>
    public void RearmNotDirty(long firstPage, long count) => Ram.Watch(firstPage, count, GuestRam.IsClean);

    /// <summary>Told of every store of a vCPU, but for the page table walker's own, into a page with <see cref="GuestRam.HasPageTable"/>; after it.</summary>
    internal Action<ulong, int>? PageTableChanged { get; set; }

    /// <summary>
    /// Told of root table (0 without translation), virtual and physical address of every page of RAM that a vCPU can store to from now on, before it
    /// does. Who sets it has the vCPUs flush their TLBs, which also makes them see it.
    /// </summary>
    internal Action<ulong, ulong, ulong>? WritableMapping { get; set; }

    /// <summary>Told where a device has stored, and how many bytes; after it.</summary>
    internal Action<ulong, ulong>? StoredPastTlb { get; set; }

    /// <summary>Sets or clears an interrupt line of a hart, plugged in or not. By anybody.</summary>
    /// <param name="bit">One of <see cref="InterruptBit"/>.</param>
    public void SetInterrupt(int hart, int bit, bool level)
    {
        _harts[hart].SetPending(bit, level);
        CpuOrNull(hart)?.Kick();
    }

    /// <summary>Translates the pc for a fetch. May walk page tables and store into them, so no lock of the translator may be held.</summary>
    /// <returns>False if it trapped: the vCPU's pc has changed, or it has ended.</returns>
    internal bool FetchCode(VCpu cpu, ulong pc, out CodeAddress address)
    {
        address = default;
        if (!Fetch(cpu, pc, out ulong physical))
        {
            return false;
        }

        ulong second = CodeAddress.None;
        if ((pc & (GuestRam.PageSize - 1)) == GuestRam.PageSize - 2 && IsLongAt(physical) && !Fetch(cpu, pc + 2, out second))
        {
            return false;
        }

        address = new CodeAddress(physical, second);
        return true;
    }

    /// <summary>Translates an address for a fetch without consequences, for a block that goes on in another page.</summary>
    /// <returns>False if that is not possible; the block then ends before it.</returns>
    internal bool ProbeCode(VCpu cpu, ulong pc, out ulong physical)
    {
        physical = pc;
        return cpu.Mode == TbFlags.None ? Ram.Contains(pc, 2) : SlowPath.ProbeFetch(this, cpu, pc, out physical);
    }

    /// <summary>Takes an exception at the vCPU's pc. A guest without a handler in machine mode ends with a fault.</summary>
    /// <param name="value">For mtval or stval: the address of an access, exactly, or the illegal instruction.</param>
    internal void RaiseException(VCpu cpu, TrapCause cause, ulong value)
    {
        if (cpu.Hart.Mtvec == 0 && !cpu.Hart.IsDelegated((ulong)cause))
        {
            RaiseFault(cpu, cpu.Pc, Describe(cause, value));
            return;
        }

        EnterTrap(cpu, (ulong)cause, value);
    }

    /// <summary>Reports that the hart cannot go on, and ends the machine.</summary>
    internal void RaiseFault(VCpu cpu, ulong pc, string reason)
    {
        uint word = ProbeCode(cpu, pc, out ulong physical) && Ram.Contains(physical, 4) ? BitConverter.ToUInt32(Ram.Slice(physical, 4)) : 0;
        lock (_endLock)
        {
            _fault ??= new GuestFault(cpu.Index, pc, CodeAddress.IsLong((ushort)word) ? word : (ushort)word, reason);
        }

        cpu.Pc = pc;
        cpu.Ended = true;
        RequestStop();
    }

    /// <summary>Comes before a store that does not take the fast path.</summary>
    /// <returns>False if the vCPU must leave generated code after this instruction.</returns>
    internal bool BeforeStore(VCpu cpu, TbCode? running, ulong address, int size) =>
        !_invalidatesBeforeStore || (Ram.FlagsOf(address) & GuestRam.HasCode) == 0 || !InvalidateRange(address, (ulong)size, running);

    /// <summary>Follows a store into a page with flags set. The store was done before the flags are read.</summary>
    /// <param name="running">The code that stores, or null if it is a page table walk.</param>
    /// <returns>False if the vCPU must leave generated code after this instruction.</returns>
    /// <param name="host">Where the store went.</param>
    /// <param name="flags">What was found on the page after the store.</param>
    internal unsafe bool StoreSlow(VCpu cpu, TbCode? running, ulong address, int size, byte* host, byte flags)
    {
        if ((flags & GuestRam.IsClean) != 0)
        {
            RecordStore(cpu, address, size, host);
        }

        if ((flags & GuestRam.HasPageTable) != 0 && running != null)
        {
            PageTableChanged?.Invoke(address, size);
        }

        bool leave = !_invalidatesBeforeStore && (flags & GuestRam.HasCode) != 0 && InvalidateRange(address, (ulong)size, running);

        if ((flags & GuestRam.HasDevice) != 0 && address == _htif.ToHost && size >= 4 && _htif.Command(size) is { } exitCode)
        {
            End(cpu, exitCode);
        }

        return !cpu.Ended && !leave;
    }

    // notdirty_write. Code is not marked: that is InvalidateRange's business.
    private unsafe void RecordStore(VCpu cpu, ulong address, int size, byte* host)
    {
        if (cpu.Dirty is not { } view)
        {
            Ram.Unwatch(Ram.PageOf(address), GuestRam.IsClean);
            Options.PageDirtied?.Invoke(address, size);
            return;
        }

        long page = Ram.PageNumberOf(host);
        if (Ram.Dirty!.Kernel is { } kernel)
        {
            kernel.Store(page, cpu.Index);
        }
        else
        {
            view.SetDirtyWord(page & ~63L, 1UL << (int)page, DirtyClients.NoCode);
        }
    }

    /// <summary>ecall: a trap; or, for a program without tohost and without a trap handler, a system call of user-mode Linux.</summary>
    /// <returns>False if it trapped.</returns>
    internal bool EnvironmentCall(VCpu cpu)
    {
        if (cpu.Hart.Mtvec != 0 || cpu.Hart.Privilege != Privilege.Machine)
        {
            RaiseException(cpu, TrapCause.UserEcall + (int)cpu.Hart.Privilege, 0);
            return false;
        }

        ulong[] x = cpu.X;
        if (_htif.ToHost != null)
        {
            RaiseFault(cpu, cpu.Pc, "environment call without a trap handler in a program with a tohost symbol, which is expected to use HTIF");
            return false;
        }

        switch (x[17])
        {
            case 64:
                x[10] = (ulong)_htif.Write(x[10], x[11], x[12]);
                return true;
            case 93:
                cpu.ExitCode = (int)x[10];
                cpu.Ended = true;
                return true;
            case 94:
                End(cpu, (int)x[10]);
                return true;
            default:
                RaiseFault(cpu, cpu.Pc, $"environment call {x[17]} is not known; 64 (write), 93 (exit) and 94 (exit_group) are");
                return false;
        }
    }

    /// <summary>Tells the clock what the hart has retired, so that it reads a time of now. Owner only.</summary>
    internal void ReportTime(VCpu cpu, long retired)
    {
        long known = retired + cpu.Traps;
        _clock.Advance(known - cpu.TimeReported);
        Options.Milestones?.Advance(known - cpu.TimeReported);
        cpu.TimeReported = known;
    }

    /// <summary>Between blocks: lets time pass, fires the hart's timer, and plans when to look again. Owner only.</summary>
    private protected void Tick(VCpu cpu)
    {
        ReportTime(cpu, cpu.Instructions);
        ulong left = _clint.Update(cpu.Index);
        cpu.Budget = left < VCpu.Quantum / VirtualClock.InstructionsPerTick ? (long)(left + 1) * VirtualClock.InstructionsPerTick : VCpu.Quantum;
        if (cpu.Hart.InterruptToTake() >= 0)
        {
            Volatile.Write(ref cpu.ExitRequest, VCpu.OutOfLoop);
        }

        long allowed = Options.InstructionLimit - cpu.Instructions - cpu.Traps ?? cpu.Budget;
        cpu.Budget = Math.Min(cpu.Budget, allowed);
        if (Options.Milestones is { } milestones)
        {
            cpu.Budget = Math.Clamp(milestones.Left, 1, Math.Max(1, cpu.Budget)); // a milestone is noticed by who reaches it
        }

        if (allowed <= 0)
        {
            RequestStop();
        }
    }

    /// <summary>Outside the loop, after the request to leave it was taken back: enters the handler of an interrupt, if one is due. Owner only.</summary>
    private protected void TakeInterrupt(VCpu cpu)
    {
        if (Volatile.Read(ref cpu.TimerRequest) != 0 && Interlocked.Exchange(ref cpu.TimerRequest, 0) != 0)
        {
            Tick(cpu);
        }

        if (cpu.Ended || cpu.Hart.InterruptToTake() is not (var bit and >= 0))
        {
            return;
        }

        cpu.Halted = false;
        ulong cause = (1UL << 63) | (uint)bit;
        if (cpu.Hart.Mtvec == 0 && !cpu.Hart.IsDelegated(cause))
        {
            RaiseFault(cpu, cpu.Pc, $"interrupt {bit}, but mtvec is 0: set a trap handler before enabling interrupts");
            return;
        }

        EnterTrap(cpu, cause, 0);
    }

    /// <summary>The hart is in wfi: sleeps until somebody wants something of it. Outside the loop; owner only.</summary>
    private protected void SleepInWfi(VCpu cpu)
    {
        Tick(cpu);
        if (cpu.Hart.WakesUp)
        {
            cpu.Halted = false;
        }
        else if (!_idle.Sleep(cpu))
        {
            RaiseFault(cpu, cpu.Pc, "every hart waits for an interrupt, and no timer is set to bring one");
        }
    }

    private protected void LeaveForGood() => _idle.Leave();

    private void TimerOrSoftwareInterrupt(int hart)
    {
        if (CpuOrNull(hart) is { } cpu)
        {
            Volatile.Write(ref cpu.TimerRequest, 1);
            cpu.Kick(); // after the request: the vCPU takes the kick back, then looks for its reason
        }
    }

    private static string Describe(TrapCause cause, ulong value) => cause switch
    {
        TrapCause.FetchMisaligned => "jump to a misaligned address",
        TrapCause.FetchAccess => "jump to an address outside RAM",
        TrapCause.IllegalInstruction => "illegal instruction",
        TrapCause.Breakpoint => "ebreak",
        TrapCause.LoadMisaligned or TrapCause.StoreMisaligned => $"atomic access to 0x{value:x}, misaligned or outside RAM",
        TrapCause.LoadAccess => $"load from 0x{value:x}, outside RAM",
        TrapCause.StoreAccess => $"store to 0x{value:x}, outside RAM",
        TrapCause.FetchPageFault => $"page fault on fetching from 0x{value:x}",
        TrapCause.LoadPageFault => $"page fault on loading from 0x{value:x}",
        TrapCause.StorePageFault => $"page fault on storing to 0x{value:x}",
        _ => "environment call",
    };

    private void EnterTrap(VCpu cpu, ulong cause, ulong value)
    {
        cpu.Pc = cpu.Hart.EnterTrap(cpu.Pc, cause, value);
        cpu.Traps++;
        cpu.StatusChanged();
    }

    private bool Fetch(VCpu cpu, ulong address, out ulong physical)
    {
        physical = address;
        if (cpu.Mode == TbFlags.None && Ram.Contains(address, 2))
        {
            return true;
        }

        return SlowPath.Fetch(this, cpu, address, out physical);
    }

    private unsafe bool IsLongAt(ulong physical) =>
        Ram.TryHost(physical, 2, out byte* host) && CodeAddress.IsLong(Volatile.Read(ref *(ushort*)host));
}
