namespace Verify.Engine.Guest;

/// <summary>The privileged state of a hart: its mode and its control and status registers. Owner only, but for the pending interrupts.</summary>
/// <remarks>After "The RISC-V Instruction Set Manual, Volume II: Privileged Architecture". M, S and U modes, Sv39, no ASIDs, no F or V state.</remarks>
public sealed partial class Hart
{
    private const ulong DelegableExceptions = 0xb3ff & ~(1UL << (int)TrapCause.MachineEcall);
    private const ulong SupervisorInterrupts =
        (1UL << InterruptBit.SupervisorSoftware) | (1UL << InterruptBit.SupervisorTimer) | (1UL << InterruptBit.SupervisorExternal);
    private const ulong MachineInterrupts =
        (1UL << InterruptBit.MachineSoftware) | (1UL << InterruptBit.MachineTimer) | (1UL << InterruptBit.MachineExternal);

    private readonly VirtualClock _clock;
    private ulong _mepc, _sepc;
    private ulong _mcounteren, _scounteren, _menvcfg, _senvcfg;
    private ulong _mcountinhibit;
    private ulong _cycleOffset, _instretOffset; // counter = retired + offset; while inhibited the offset is the frozen value
    private ulong _pending;                     // mip; Interlocked by anybody

    /// <param name="index">mhartid.</param>
    public Hart(int index, VirtualClock clock)
    {
        Index = index;
        _clock = clock;
    }

    public int Index { get; }

    public Privilege Privilege { get; private set; } = Privilege.Machine;

    public ulong Mstatus { get; private set; } = StatusBit.Widths;

    public ulong Medeleg { get; private set; }

    public ulong Mideleg { get; private set; }

    public ulong Mie { get; private set; }

    /// <summary>Machine trap vector; bit 0 selects vectored mode. 0 means that the program has no handler.</summary>
    public ulong Mtvec { get; private set; }

    public ulong Mscratch { get; private set; }

    public ulong Mcause { get; private set; }

    public ulong Mtval { get; private set; }

    public ulong Stvec { get; private set; }

    public ulong Sscratch { get; private set; }

    public ulong Scause { get; private set; }

    public ulong Stval { get; private set; }

    /// <summary>Either 0 in the mode field, or Sv39.</summary>
    public ulong Satp { get; private set; }

    /// <summary>Physical address of the root page table that satp names.</summary>
    public ulong RootTable => (Satp & ((1UL << 44) - 1)) << 12;

    /// <summary>Root of the page tables that accesses with this privilege go through; 0 if there are none.</summary>
    public ulong RootOf(Privilege privilege) => IsTranslated(privilege) ? RootTable : 0;

    public ulong Mepc => _mepc;

    public ulong Sepc => _sepc;

    /// <summary>mip.</summary>
    public ulong Pending => Volatile.Read(ref _pending);

    public PhysicalProtection Protection { get; } = new();

    /// <summary>Loads and stores of machine mode are carried out with the privilege in MPP.</summary>
    public Privilege DataPrivilege =>
        Privilege == Privilege.Machine && (Mstatus & StatusBit.Mprv) != 0
            ? (Privilege)((Mstatus & StatusBit.Mpp) >> StatusBit.MppShift)
            : Privilege;

    /// <summary>Back to how it was made, for a hart that is plugged in. Nobody runs it.</summary>
    public void Reset()
    {
        Privilege = Privilege.Machine;
        Mstatus = StatusBit.Widths;
        (Medeleg, Mideleg, Mie, Mtvec, Mscratch, Mcause, Mtval, _mepc) = (0, 0, 0, 0, 0, 0, 0, 0);
        (Stvec, Sscratch, Scause, Stval, Satp, _sepc) = (0, 0, 0, 0, 0, 0);
        (_mcounteren, _scounteren, _menvcfg, _senvcfg, _mcountinhibit, _cycleOffset, _instretOffset) = (0, 0, 0, 0, 0, 0, 0);
        Protection.Reset();
        Volatile.Write(ref _pending, 0);
    }

    /// <summary>Accesses with this privilege go through page tables.</summary>
    public bool IsTranslated(Privilege privilege) => privilege != Privilege.Machine && Satp >> 60 != 0;

    /// <summary>Sets or clears a bit of mip. By anybody; kick the vCPU afterwards.</summary>
    public void SetPending(int bit, bool level)
    {
        if (level)
        {
            Interlocked.Or(ref _pending, 1UL << bit);
        }
        else
        {
            Interlocked.And(ref _pending, ~(1UL << bit));
        }
    }

    /// <summary>An interrupt is pending and enabled in mie, whatever the mode: what ends a wfi.</summary>
    public bool WakesUp => (Pending & Mie) != 0;

    /// <summary>The interrupt to take now, by its bit number, or -1.</summary>
    public int InterruptToTake()
    {
        ulong pending = Pending & Mie;
        if (pending == 0)
        {
            return -1;
        }

        bool machine = Privilege < Privilege.Machine || (Mstatus & StatusBit.Mie) != 0;
        bool supervisor = Privilege < Privilege.Supervisor || (Privilege == Privilege.Supervisor && (Mstatus & StatusBit.Sie) != 0);
        ulong candidates = machine ? pending & ~Mideleg : 0;
        if (candidates == 0 && supervisor)
        {
            candidates = pending & Mideleg;
        }

        // Highest first: MEI, MSI, MTI, SEI, SSI, STI.
        ReadOnlySpan<int> order =
        [
            InterruptBit.MachineExternal, InterruptBit.MachineSoftware, InterruptBit.MachineTimer,
            InterruptBit.SupervisorExternal, InterruptBit.SupervisorSoftware, InterruptBit.SupervisorTimer,
        ];
        foreach (int bit in order)
        {
            if ((candidates & (1UL << bit)) != 0)
            {
                return bit;
            }
        }

        return -1;
    }

    /// <summary>A trap would be taken in supervisor mode.</summary>
    public bool IsDelegated(ulong cause)
    {
        ulong delegation = (long)cause < 0 ? Mideleg : Medeleg;
        return Privilege != Privilege.Machine && ((delegation >> (int)(cause & 63)) & 1) != 0;
    }

    /// <summary>Enters the handler of a trap.</summary>
    /// <param name="pc">Of the instruction that caused it, or that would have run next.</param>
    /// <param name="cause">As in mcause: bit 63 set for an interrupt.</param>
    /// <returns>The handler's pc.</returns>
    public ulong EnterTrap(ulong pc, ulong cause, ulong value)
    {
        ulong vector;
        if (IsDelegated(cause))
        {
            (_sepc, Scause, Stval, vector) = (pc, cause, value, Stvec);
            ulong status = Mstatus & ~(StatusBit.Sie | StatusBit.Spie | StatusBit.Spp);
            status |= (Mstatus & StatusBit.Sie) != 0 ? StatusBit.Spie : 0;
            Mstatus = status | (Privilege == Privilege.Supervisor ? StatusBit.Spp : 0);
            Privilege = Privilege.Supervisor;
        }
        else
        {
            (_mepc, Mcause, Mtval, vector) = (pc, cause, value, Mtvec);
            ulong status = Mstatus & ~(StatusBit.Mie | StatusBit.Mpie | StatusBit.Mpp);
            status |= (Mstatus & StatusBit.Mie) != 0 ? StatusBit.Mpie : 0;
            Mstatus = status | ((ulong)Privilege << StatusBit.MppShift);
            Privilege = Privilege.Machine;
        }

        bool isVectored = (vector & 1) != 0 && (long)cause < 0;
        return (vector & ~3UL) + (isVectored ? 4 * (cause & 63) : 0);
    }

    /// <returns>Where to go on, or null if the instruction is illegal now.</returns>
    public ulong? ReturnFromMachineTrap()
    {
        if (Privilege != Privilege.Machine)
        {
            return null;
        }

        Privilege = (Privilege)((Mstatus & StatusBit.Mpp) >> StatusBit.MppShift);
        ulong status = Mstatus & ~(StatusBit.Mie | StatusBit.Mpp);
        status |= (Mstatus & StatusBit.Mpie) != 0 ? StatusBit.Mie : 0;
        Mstatus = (status | StatusBit.Mpie) & (Privilege == Privilege.Machine ? ulong.MaxValue : ~StatusBit.Mprv);
        return _mepc;
    }

    /// <inheritdoc cref="ReturnFromMachineTrap"/>
    public ulong? ReturnFromSupervisorTrap()
    {
        if (Privilege == Privilege.User || (Privilege == Privilege.Supervisor && (Mstatus & StatusBit.Tsr) != 0))
        {
            return null;
        }

        Privilege = (Mstatus & StatusBit.Spp) != 0 ? Privilege.Supervisor : Privilege.User;
        ulong status = Mstatus & ~(StatusBit.Sie | StatusBit.Spp | StatusBit.Mprv);
        status |= (Mstatus & StatusBit.Spie) != 0 ? StatusBit.Sie : 0;
        Mstatus = status | StatusBit.Spie;
        return _sepc;
    }

    /// <summary>wfi may be executed now. In user mode it never may, as the manual allows and QEMU does.</summary>
    public bool MayWait => Privilege == Privilege.Machine || (Privilege == Privilege.Supervisor && (Mstatus & StatusBit.Tw) == 0);

    /// <summary>sfence.vma and satp may be used now.</summary>
    public bool MayManageTranslation =>
        Privilege == Privilege.Machine || (Privilege == Privilege.Supervisor && (Mstatus & StatusBit.Tvm) == 0);
}
