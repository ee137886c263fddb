using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The ops that are no business of the fast loop: slow accesses, atomics, CSRs, traps and returns from them.</summary>
internal static unsafe partial class Interpreter
{
    /// <summary>cpu_restore_state: from a position in a block to the pc and the instructions retired before it. Registers are exact always.</summary>
    private static void Restore(VCpu cpu, TbCode code, ref Op op, long credit)
    {
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset);
        cpu.RetiredNow = cpu.Instructions + cpu.Budget - credit - code.InstructionCount + IndexOf(code, ref op);
    }

    private static long IndexOf(TbCode code, ref Op op) =>
        (long)Unsafe.ByteOffset(ref MemoryMarshal.GetArrayDataReference(code.Ops), ref op) / sizeof(Op);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow<TMemory>(Machine machine, VCpu cpu, TbCode code, ref Op op, long credit, ulong address, out ulong value)
        where TMemory : struct, IGuestMemory
    {
        Restore(cpu, code, ref op, credit);
        machine.ReportTime(cpu, cpu.RetiredNow);
        int size = 1 << ((op.Code - Opcode.Lb) & 3);
        if (!SlowPath.Load<TMemory>(machine, cpu, address, size, out value))
        {
            return false;
        }

        value = op.Code switch
        {
            Opcode.Lb => (ulong)(sbyte)value,
            Opcode.Lh => (ulong)(short)value,
            Opcode.Lw => (ulong)(int)value,
            _ => value,
        };
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step StoreSlow<TMemory>(Machine machine, VCpu cpu, TbCode code, ref Op op, long credit, ulong address, ulong value)
        where TMemory : struct, IGuestMemory
    {
        Restore(cpu, code, ref op, credit);
        return SlowPath.Store<TMemory>(machine, cpu, code, address, 1 << (op.Code - Opcode.Sb), value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step StoredBesideWatcher<TMemory>(
        Machine machine, VCpu cpu, TbCode code, ref Op op, long credit, ulong address, TlbEntry* entry)
        where TMemory : struct, IGuestMemory
    {
        Restore(cpu, code, ref op, credit);
        return SlowPath.StoredBesideWatcher<TMemory>(machine, cpu, code, entry, address, 1 << (op.Code - Opcode.Sb));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step Atomic<TMemory>(Machine machine, VCpu cpu, TbCode code, ref Op op, long credit)
        where TMemory : struct, IGuestMemory
    {
        Restore(cpu, code, ref op, credit);
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

        return SlowPath.Stored<TMemory>(machine, cpu, code, physical, size, null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step AccessCsr(Machine machine, VCpu cpu, TbCode code, ref Op op, long credit)
    {
        Restore(cpu, code, ref op, credit);
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

        CsrEffect effect = hart.Write(number, function switch { 1 => operand, 2 => old | operand, _ => old & ~operand }, cpu.RetiredNow);
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
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Step LeavingOp(Machine machine, VCpu cpu, TbCode code, ref Op op, long credit)
    {
        Restore(cpu, code, ref op, credit);
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
