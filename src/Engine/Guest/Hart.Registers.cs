namespace Verify.Engine.Guest;

/// <summary>What a write to a CSR changed beyond the register.</summary>
[Flags]
public enum CsrEffect
{
    None = 0,

    /// <summary>Translation or protection of memory: cached translations are void.</summary>
    Translation = 1,

    /// <summary>The privilege of data accesses, or what enables an interrupt.</summary>
    Status = 2,
}

/// <summary>Reads and writes of CSRs by number, with the fields that are read-only or restricted (WARL).</summary>
public sealed partial class Hart
{
    // I, M, A, C, S, U; 64 bits. C cannot be switched off, as the manual allows.
    private const ulong Misa = (2UL << 62) | (1 << 0) | (1 << 2) | (1 << 8) | (1 << 12) | (1 << 18) | (1 << 20);

    private const ulong CountInhibitWritable = 5; // CY and IR

    /// <param name="retired">Instructions this hart has retired so far.</param>
    /// <param name="isWritten">The instruction also writes the register.</param>
    /// <returns>False if the access is illegal now.</returns>
    public bool TryRead(int number, bool isWritten, long retired, out ulong value)
    {
        value = 0;
        return (int)Privilege >= ((number >> 8) & 3) && !(isWritten && number >> 10 == 3) && Read(number, (ulong)retired, ref value);
    }

    /// <summary>Writes a register <see cref="TryRead"/> has found to be writable.</summary>
    /// <param name="touched">
    /// Bits that the instruction means, for csrrs and csrrc those of its operand. Others of mip may change meanwhile, and are left alone.
    /// </param>
    public CsrEffect Write(int number, ulong value, long retired, ulong touched = ulong.MaxValue)
    {
        switch (number)
        {
            case CsrNumber.Mstatus:
                return WriteStatus(value, StatusBit.Writable);
            case CsrNumber.Sstatus:
                return WriteStatus(value, StatusBit.WritableInSstatus);
            case CsrNumber.Medeleg:
                Medeleg = value & DelegableExceptions;
                break;
            case CsrNumber.Mideleg:
                Mideleg = value & SupervisorInterrupts;
                return CsrEffect.Status;
            case CsrNumber.Mie:
                Mie = value & (SupervisorInterrupts | MachineInterrupts);
                return CsrEffect.Status;
            case CsrNumber.Sie:
                Mie = (Mie & ~Mideleg) | (value & Mideleg);
                return CsrEffect.Status;
            case CsrNumber.Mip:
                return WritePending(value, SupervisorInterrupts & touched);
            case CsrNumber.Sip:
                return WritePending(value, Mideleg & (1UL << InterruptBit.SupervisorSoftware) & touched);
            case CsrNumber.Mtvec:
                Mtvec = value & ~2UL;
                break;
            case CsrNumber.Stvec:
                Stvec = value & ~2UL;
                break;
            case CsrNumber.Mscratch:
                Mscratch = value;
                break;
            case CsrNumber.Sscratch:
                Sscratch = value;
                break;
            case CsrNumber.Mepc:
                _mepc = value & ~1UL;
                break;
            case CsrNumber.Sepc:
                _sepc = value & ~1UL;
                break;
            case CsrNumber.Mcause:
                Mcause = value;
                break;
            case CsrNumber.Scause:
                Scause = value;
                break;
            case CsrNumber.Mtval:
                Mtval = value;
                break;
            case CsrNumber.Stval:
                Stval = value;
                break;
            case CsrNumber.Mcounteren:
                _mcounteren = value & uint.MaxValue;
                break;
            case CsrNumber.Scounteren:
                _scounteren = value & uint.MaxValue;
                break;
            case CsrNumber.Menvcfg:
                _menvcfg = value & 1; // FIOM
                break;
            case CsrNumber.Senvcfg:
                _senvcfg = value & 1;
                break;
            case CsrNumber.Satp:
                return WriteSatp(value);
            case CsrNumber.Mcycle:
                SetCounter(ref _cycleOffset, value, 0, retired);
                break;
            case CsrNumber.Minstret:
                SetCounter(ref _instretOffset, value, 2, retired);
                break;
            case CsrNumber.Mcountinhibit:
                WriteCountInhibit(value, (ulong)retired);
                break;
            case >= CsrNumber.Pmpcfg0 and <= CsrNumber.Pmpcfg15:
                Protection.WriteConfiguration(number - CsrNumber.Pmpcfg0, value);
                return CsrEffect.Translation | CsrEffect.Status;
            case >= CsrNumber.Pmpaddr0 and <= CsrNumber.Pmpaddr63:
                Protection.WriteAddress(number - CsrNumber.Pmpaddr0, value);
                return CsrEffect.Translation | CsrEffect.Status;
        }

        return CsrEffect.None;
    }

    private bool Read(int number, ulong retired, ref ulong value)
    {
        ulong? found = number switch
        {
            CsrNumber.Mstatus => Mstatus,
            CsrNumber.Sstatus => Mstatus & StatusBit.InSstatus,
            CsrNumber.Misa => Misa,
            CsrNumber.Medeleg => Medeleg,
            CsrNumber.Mideleg => Mideleg,
            CsrNumber.Mie => Mie,
            CsrNumber.Sie => Mie & Mideleg,
            CsrNumber.Mip => Pending,
            CsrNumber.Sip => Pending & Mideleg,
            CsrNumber.Mtvec => Mtvec,
            CsrNumber.Stvec => Stvec,
            CsrNumber.Mscratch => Mscratch,
            CsrNumber.Sscratch => Sscratch,
            CsrNumber.Mepc => _mepc,
            CsrNumber.Sepc => _sepc,
            CsrNumber.Mcause => Mcause,
            CsrNumber.Scause => Scause,
            CsrNumber.Mtval => Mtval,
            CsrNumber.Stval => Stval,
            CsrNumber.Mcounteren => _mcounteren,
            CsrNumber.Scounteren => _scounteren,
            CsrNumber.Menvcfg => _menvcfg,
            CsrNumber.Senvcfg => _senvcfg,
            CsrNumber.Satp => MayManageTranslation ? Satp : null,
            CsrNumber.Mhartid => (ulong)Index,
            CsrNumber.Mvendorid or CsrNumber.Marchid or CsrNumber.Mimpid or CsrNumber.Mconfigptr => 0,
            CsrNumber.Mcycle => Counter(_cycleOffset, 0, retired),
            CsrNumber.Minstret => Counter(_instretOffset, 2, retired),
            CsrNumber.Mcountinhibit => _mcountinhibit,
            CsrNumber.Cycle => MayCount(0) ? Counter(_cycleOffset, 0, retired) : null,
            CsrNumber.Time => MayCount(1) ? _clock.Now : null,
            CsrNumber.Instret => MayCount(2) ? Counter(_instretOffset, 2, retired) : null,
            >= CsrNumber.HpmCounter3 and <= CsrNumber.HpmCounter31 => MayCount(number & 31) ? 0 : null,
            >= CsrNumber.Mhpmcounter3 and <= CsrNumber.Mhpmcounter31 => 0,
            >= CsrNumber.Mhpmevent3 and <= CsrNumber.Mhpmevent31 => 0,
            >= CsrNumber.Pmpcfg0 and <= CsrNumber.Pmpcfg15 => (number & 1) == 0 ? Protection.ReadConfiguration(number - CsrNumber.Pmpcfg0) : null,
            >= CsrNumber.Pmpaddr0 and <= CsrNumber.Pmpaddr63 => Protection.ReadAddress(number - CsrNumber.Pmpaddr0),
            >= CsrNumber.Tselect and <= CsrNumber.Tdata3 => 0, // no triggers
            _ => null,
        };
        value = found ?? 0;
        return found != null;
    }

    private bool MayCount(int counter) => Privilege switch
    {
        Privilege.Machine => true,
        Privilege.Supervisor => ((_mcounteren >> counter) & 1) != 0,
        _ => ((_mcounteren & _scounteren) >> counter & 1) != 0,
    };

    private ulong Counter(ulong offset, int bit, ulong retired) => ((_mcountinhibit >> bit) & 1) != 0 ? offset : retired + offset;

    // The write takes effect after its instruction, which is not counted: the next one reads exactly the value written.
    private void SetCounter(ref ulong offset, ulong value, int bit, long retired) =>
        offset = ((_mcountinhibit >> bit) & 1) != 0 ? value : value - (ulong)retired - 1;

    private void WriteCountInhibit(ulong value, ulong retired)
    {
        ulong cycle = Counter(_cycleOffset, 0, retired), instret = Counter(_instretOffset, 2, retired);
        _mcountinhibit = value & CountInhibitWritable;
        _cycleOffset = (_mcountinhibit & 1) != 0 ? cycle : cycle - retired;
        _instretOffset = (_mcountinhibit & 4) != 0 ? instret : instret - retired;
    }

    private CsrEffect WriteStatus(ulong value, ulong writable)
    {
        ulong old = Mstatus;
        if (writable == StatusBit.Writable && ((value & StatusBit.Mpp) >> StatusBit.MppShift) != 2)
        {
            writable |= StatusBit.Mpp;
        }

        Mstatus = (old & ~writable) | (value & writable);
        return CsrEffect.Status | (((old ^ Mstatus) & StatusBit.Mxr) != 0 ? CsrEffect.Translation : CsrEffect.None);
    }

    private CsrEffect WritePending(ulong value, ulong writable)
    {
        Interlocked.And(ref _pending, value | ~writable);
        Interlocked.Or(ref _pending, value & writable);
        return CsrEffect.Status;
    }

    // An unknown mode leaves the register as it is. No ASIDs.
    private CsrEffect WriteSatp(ulong value)
    {
        const ulong Sv39 = 8;
        ulong mode = value >> 60;
        if (mode is not (0 or Sv39))
        {
            return CsrEffect.None;
        }

        Satp = value & ((15UL << 60) | ((1UL << 44) - 1));
        return CsrEffect.Translation;
    }
}
