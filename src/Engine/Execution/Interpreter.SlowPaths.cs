using Verify.Engine.Auditing;
using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The ops that are no business of the fast loop: slow accesses, atomics, division, CSRs, traps and returns from them.</summary>
internal static unsafe partial class Interpreter
{
    /// <summary>Runs a chain of blocks. Registers are in <paramref name="cpu"/>, and its Pc is where to go on afterwards.</summary>
    /// <param name="exit">Exit 0 or 1 of the returned block, not linked yet; or <see cref="NoExit"/>.</param>
    /// <returns>The block that ran last.</returns>
    public static TbCode Run<TMemory, TAudit>(Machine machine, VCpu cpu, TbCode code, ref TAudit audit, out int exit)
        where TMemory : struct, IGuestMemory
        where TAudit : struct, IAudit
    {
        cpu.Credit = cpu.Budget;
        int start = 0;
        Step step;
        do
        {
            code = Chain<TMemory, TAudit>(cpu, code, start, ref audit);
            exit = cpu.Exit;
            if (exit >= NoExit)
            {
                cpu.Instructions += cpu.Budget - cpu.Credit;
                cpu.Budget = cpu.Credit;
                return code;
            }

            start = cpu.StoppedAt + 1;
            step = SlowOp<TMemory>(machine, cpu, code, ref code.Ops[cpu.StoppedAt], exit);
        }
        while (step == Step.Next);

        exit = NoExit;
        Settle(cpu, code, step);
        return code;
    }

    /// <summary>The chain ended with the op the vCPU stopped at: gives back what was taken for ops that did not run.</summary>
    internal static void Settle(VCpu cpu, TbCode code, Step step)
    {
        long credit = cpu.Credit + code.InstructionCount - (cpu.StoppedAt + 1);
        if (step == Step.Trapped)
        {
            credit++;
        }

        cpu.Instructions += cpu.Budget - credit;
        cpu.Budget = step == Step.Trapped ? credit - 1 : credit; // an endless loop of traps comes to its end as one of instructions does
    }

    /// <summary>Carries out the op the vCPU stopped at, for a back end that does not do it itself.</summary>
    /// <param name="storeIsDone">It is a store that was carried out, and has found its page watched afterwards.</param>
    /// <returns>Next; or, with the vCPU's pc where to go on, Leave, or Trapped if the instruction does not count as retired.</returns>
    internal static Step SlowOp<TMemory>(Machine machine, VCpu cpu, TbCode code, bool storeIsDone)
        where TMemory : struct, IGuestMemory =>
        SlowOp<TMemory>(machine, cpu, code, ref code.Ops[cpu.StoppedAt], storeIsDone ? AfterWatchedStore : AtSlowOp);

    /// <returns>Next; or, with the vCPU's pc where to go on, Leave, or Trapped if the instruction does not count as retired.</returns>
    private static Step SlowOp<TMemory>(Machine machine, VCpu cpu, TbCode code, ref Op op, int why)
        where TMemory : struct, IGuestMemory
    {
        // cpu_restore_state: from a position in a block to the pc and the instructions retired before it. Registers are exact always.
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset);
        cpu.RetiredNow = cpu.Instructions + cpu.Budget - cpu.Credit - code.InstructionCount + cpu.StoppedAt;
        ulong address = cpu.X[op.Rs1] + (ulong)op.Imm;
        Step step;
        switch (op.Code)
        {
            case >= Opcode.Sb and <= Opcode.Sd when why == AfterWatchedStore:
                step = SlowPath.StoredBesideWatcher<TMemory>(machine, cpu, code, SoftTlb.Entry(cpu.DataTable, address), address, 1 << (op.Code - Opcode.Sb));
                break;
            case >= Opcode.Sb and <= Opcode.Sd:
                step = SlowPath.Store<TMemory>(machine, cpu, code, address, 1 << (op.Code - Opcode.Sb), cpu.X[op.Rs2]);
                break;
            case >= Opcode.Lb and <= Opcode.Lwu:
                step = Load<TMemory>(machine, cpu, ref op, address);
                break;
            case >= Opcode.Mulh and <= Opcode.Remuw:
                cpu.X[op.Rd] = MultiplyOrDivide(op.Code, cpu.X[op.Rs1], cpu.X[op.Rs2]);
                return Step.Next;
            case >= Opcode.LrW and <= Opcode.AmoD:
                step = Atomic<TMemory>(machine, cpu, code, ref op);
                break;
            case Opcode.Csr:
                step = AccessCsr(machine, cpu, ref op);
                break;
            case Opcode.FenceI:
                default(TMemory).Fence();
                step = Step.Leave;
                break;
            case Opcode.Pause:
                Thread.Yield();
                return Step.Next;
            default: // traps and their returns, fences of translation, wfi, what is illegal
                return LeavingOp(machine, cpu, ref op);
        }

        if (step == Step.Leave)
        {
            cpu.Pc += op.Length;
        }

        return step;
    }

    private static ulong MultiplyOrDivide(Opcode code, ulong a, ulong b) => code switch
    {
        Opcode.Mulh => Arithmetic.Mulh(a, b),
        Opcode.Mulhsu => Arithmetic.Mulhsu(a, b),
        Opcode.Mulhu => Arithmetic.Mulhu(a, b),
        Opcode.Div => Arithmetic.Div(a, b),
        Opcode.Divu => Arithmetic.Divu(a, b),
        Opcode.Rem => Arithmetic.Rem(a, b),
        Opcode.Remu => Arithmetic.Remu(a, b),
        Opcode.Divw => Arithmetic.Divw(a, b),
        Opcode.Divuw => Arithmetic.Divuw(a, b),
        Opcode.Remw => Arithmetic.Remw(a, b),
        _ => Arithmetic.Remuw(a, b),
    };

    private static Step Load<TMemory>(Machine machine, VCpu cpu, ref Op op, ulong address)
        where TMemory : struct, IGuestMemory
    {
        machine.ReportTime(cpu, cpu.RetiredNow);
        if (!SlowPath.Load<TMemory>(machine, cpu, address, 1 << ((op.Code - Opcode.Lb) & 3), out ulong value))
        {
            return Step.Trapped;
        }

        cpu.X[op.Rd] = op.Code switch
        {
            Opcode.Lb => (ulong)(sbyte)value,
            Opcode.Lh => (ulong)(short)value,
            Opcode.Lw => (ulong)(int)value,
            _ => value,
        };
        return Step.Next;
    }

    private static Step Atomic<TMemory>(Machine machine, VCpu cpu, TbCode code, ref Op op)
        where TMemory : struct, IGuestMemory
    {
        ulong address = cpu.X[op.Rs1], operand = cpu.X[op.Rs2];
        bool isWord = op.Code is Opcode.LrW or Opcode.ScW or Opcode.AmoW;
        AccessKind kind = op.Code is Opcode.LrW or Opcode.LrD ? AccessKind.Load : AccessKind.Store;
        int size = isWord ? 4 : 8;
        byte* host = SlowPath.Atomic(machine, cpu, address, size, kind, out ulong physical);
        if (host == null)
        {
            return Step.Trapped;
        }

        ref ulong destination = ref cpu.X[op.Rd];
        switch (op.Code)
        {
            case Opcode.LrW or Opcode.LrD:
                cpu.ReservedAddress = physical;
                cpu.ReservedValue = isWord ? Atomics.Load32(host) : Atomics.Load64(host);
                destination = isWord ? (ulong)(int)cpu.ReservedValue : cpu.ReservedValue;
                return Step.Next;
            case Opcode.ScW or Opcode.ScD:
                bool done = cpu.ReservedAddress == physical && (isWord
                    ? Atomics.StoreConditional32(host, (uint)cpu.ReservedValue, (uint)operand)
                    : Atomics.StoreConditional64(host, cpu.ReservedValue, operand));
                cpu.ReservedAddress = VCpu.NoReservation;
                destination = done ? 0UL : 1;
                if (!done)
                {
                    return Step.Next;
                }

                break;
            case Opcode.AmoW:
                destination = (ulong)(int)Atomics.Modify32((AmoFunction)op.Imm, host, (uint)operand);
                break;
            default:
                destination = Atomics.Modify64((AmoFunction)op.Imm, host, operand);
                break;
        }

        return SlowPath.Stored<TMemory>(machine, cpu, code, host, physical, size, null);
    }

    private static Step AccessCsr(Machine machine, VCpu cpu, ref Op op)
    {
        Hart hart = cpu.Hart;
        uint word = (uint)op.Imm;
        int number = (int)(word >> 20);
        uint function = (word >> 12) & 3; // 1 write, 2 set, 3 clear
        bool writes = function == 1 || op.Rs1 != 0;
        bool reads = function != 1 || op.Rd != Op.Sink;
        if (number == CsrNumber.Time)
        {
            machine.ReportTime(cpu, cpu.RetiredNow);
        }

        // csrrw with x0 does not read; no register here has a read with a side effect, so only its legality matters.
        if (!hart.TryRead(number, writes, cpu.RetiredNow, out ulong old))
        {
            machine.RaiseException(cpu, TrapCause.IllegalInstruction, word);
            return Step.Trapped;
        }

        ulong operand = (word & 0x4000) != 0 ? op.Rs1 : cpu.X[op.Rs1];
        if (reads)
        {
            cpu.X[op.Rd] = old;
        }

        if (!writes)
        {
            return Step.Next;
        }

        ulong value = function switch { 1 => operand, 2 => old | operand, _ => old & ~operand };
        CsrEffect effect = hart.Write(number, value, cpu.RetiredNow, function == 1 ? ulong.MaxValue : operand);
        if ((effect & CsrEffect.Translation) != 0)
        {
            cpu.FlushTranslations();
        }

        if (effect != CsrEffect.None)
        {
            cpu.StatusChanged();
        }

        return effect == CsrEffect.None ? Step.Next : Step.Leave;
    }

    /// <summary>An op after which the vCPU goes on at its Pc, through the main loop.</summary>
    /// <returns><see cref="Step.Leave"/>, or <see cref="Step.Trapped"/> if the instruction does not count as retired.</returns>
    private static Step LeavingOp(Machine machine, VCpu cpu, ref Op op)
    {
        Hart hart = cpu.Hart;
        ulong next = cpu.Pc + op.Length;
        switch (op.Code)
        {
            case Opcode.Ecall:
                if (!machine.EnvironmentCall(cpu))
                {
                    return Step.Trapped;
                }

                break;
            case Opcode.Ebreak:
                machine.RaiseException(cpu, TrapCause.Breakpoint, cpu.Pc);
                return Step.Trapped;
            case Opcode.Mret when hart.ReturnFromMachineTrap() is { } pc:
                next = pc;
                cpu.StatusChanged();
                break;
            case Opcode.Sret when hart.ReturnFromSupervisorTrap() is { } pc:
                next = pc;
                cpu.StatusChanged();
                break;
            case Opcode.Wfi when hart.MayWait:
                cpu.Halted = !hart.WakesUp;
                break;
            case Opcode.SfenceVma when hart.MayManageTranslation:
                if (op.Rs1 == 0)
                {
                    cpu.FlushTranslations();
                }
                else
                {
                    cpu.Tlb.FlushPage(cpu.X[op.Rs1]);
                    cpu.JumpCache.Clear();
                }

                break;
            default:
                machine.RaiseException(cpu, TrapCause.IllegalInstruction, (ulong)op.Imm);
                return Step.Trapped;
        }

        cpu.Pc = next;
        return Step.Leave;
    }
}
