using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Verify.Engine.Auditing;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The interpreter back end: one switch over predecoded ops, specialised for its memory access and audit.</summary>
/// <remarks>
/// It follows chained jumps and, at indirect jumps, the vCPU's jump cache; at each block entered so it honours an exit request, but never at the
/// first block, so that every turn of the main loop makes progress. A block that stores into itself is left after the store (precise self-modifying code); a fence.i ends its block.
/// One function of more than 300 lines on purpose: a call per op, or per group of ops, halves its speed.
/// </remarks>
internal static unsafe class Interpreter
{
    /// <summary>The chain ended where no direct jump can be linked.</summary>
    public const int NoExit = -1;

    /// <summary>Runs a chain of blocks. Registers are in <paramref name="cpu"/>, and its Pc is where to go on afterwards.</summary>
    /// <param name="exit">Exit 0 or 1 of the returned block, not linked yet; or <see cref="NoExit"/>.</param>
    /// <returns>The block that ran last.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TbCode Run<TMemory, TAudit>(Machine machine, VCpu cpu, TbCode code, ref TAudit audit, out int exit)
        where TMemory : struct, IGuestMemory
        where TAudit : struct, IAudit
    {
        TMemory memory = default;
        ref ulong x = ref MemoryMarshal.GetArrayDataReference(cpu.X);
        byte* ram = machine.Ram.Bytes;
        byte* pages = machine.Ram.Flags;
        ulong start = machine.Ram.Start;
        ulong size = machine.Ram.Size;
        long retired = 0;
        ulong at;
        ulong target;
        int stored;
        bool reserved;
        TbCode? next;

    enter:
        audit.Executed(cpu, code);
        retired += code.InstructionCount;
        ref Op op = ref MemoryMarshal.GetArrayDataReference(code.Ops);
        while (true)
        {
            switch (op.Code)
            {
                case Opcode.Addi:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) + (ulong)op.Imm;
                    break;
                case Opcode.Add:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) + Rs2(ref x, ref op);
                    break;
                case Opcode.Sub:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) - Rs2(ref x, ref op);
                    break;
                case Opcode.Lui:
                    Rd(ref x, ref op) = (ulong)op.Imm;
                    break;
                case Opcode.Auipc:
                    Rd(ref x, ref op) = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
                    break;
                case Opcode.Slti:
                    Rd(ref x, ref op) = (long)Rs1(ref x, ref op) < op.Imm ? 1UL : 0;
                    break;
                case Opcode.Sltiu:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) < (ulong)op.Imm ? 1UL : 0;
                    break;
                case Opcode.Slt:
                    Rd(ref x, ref op) = (long)Rs1(ref x, ref op) < (long)Rs2(ref x, ref op) ? 1UL : 0;
                    break;
                case Opcode.Sltu:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) < Rs2(ref x, ref op) ? 1UL : 0;
                    break;
                case Opcode.Xori:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) ^ (ulong)op.Imm;
                    break;
                case Opcode.Ori:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) | (ulong)op.Imm;
                    break;
                case Opcode.Andi:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) & (ulong)op.Imm;
                    break;
                case Opcode.Xor:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) ^ Rs2(ref x, ref op);
                    break;
                case Opcode.Or:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) | Rs2(ref x, ref op);
                    break;
                case Opcode.And:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) & Rs2(ref x, ref op);
                    break;
                case Opcode.Slli:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) << (int)op.Imm;
                    break;
                case Opcode.Srli:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) >> (int)op.Imm;
                    break;
                case Opcode.Srai:
                    Rd(ref x, ref op) = (ulong)((long)Rs1(ref x, ref op) >> (int)op.Imm);
                    break;
                case Opcode.Sll:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) << (int)Rs2(ref x, ref op);
                    break;
                case Opcode.Srl:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) >> (int)Rs2(ref x, ref op);
                    break;
                case Opcode.Sra:
                    Rd(ref x, ref op) = (ulong)((long)Rs1(ref x, ref op) >> (int)Rs2(ref x, ref op));
                    break;
                case Opcode.Addiw:
                    Rd(ref x, ref op) = (ulong)(int)(Rs1(ref x, ref op) + (ulong)op.Imm);
                    break;
                case Opcode.Addw:
                    Rd(ref x, ref op) = (ulong)(int)(Rs1(ref x, ref op) + Rs2(ref x, ref op));
                    break;
                case Opcode.Subw:
                    Rd(ref x, ref op) = (ulong)(int)(Rs1(ref x, ref op) - Rs2(ref x, ref op));
                    break;
                case Opcode.Slliw:
                    Rd(ref x, ref op) = (ulong)((int)Rs1(ref x, ref op) << (int)op.Imm);
                    break;
                case Opcode.Srliw:
                    Rd(ref x, ref op) = (ulong)(int)((uint)Rs1(ref x, ref op) >> (int)op.Imm);
                    break;
                case Opcode.Sraiw:
                    Rd(ref x, ref op) = (ulong)((int)Rs1(ref x, ref op) >> (int)op.Imm);
                    break;
                case Opcode.Sllw:
                    Rd(ref x, ref op) = (ulong)((int)Rs1(ref x, ref op) << (int)Rs2(ref x, ref op));
                    break;
                case Opcode.Srlw:
                    Rd(ref x, ref op) = (ulong)(int)((uint)Rs1(ref x, ref op) >> (int)Rs2(ref x, ref op));
                    break;
                case Opcode.Sraw:
                    Rd(ref x, ref op) = (ulong)((int)Rs1(ref x, ref op) >> (int)Rs2(ref x, ref op));
                    break;
                case Opcode.Mul:
                    Rd(ref x, ref op) = Rs1(ref x, ref op) * Rs2(ref x, ref op);
                    break;
                case Opcode.Mulw:
                    Rd(ref x, ref op) = (ulong)((int)Rs1(ref x, ref op) * (int)Rs2(ref x, ref op));
                    break;
                case Opcode.Mulh:
                    Rd(ref x, ref op) = Arithmetic.Mulh(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Mulhsu:
                    Rd(ref x, ref op) = Arithmetic.Mulhsu(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Mulhu:
                    Rd(ref x, ref op) = Arithmetic.Mulhu(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Div:
                    Rd(ref x, ref op) = Arithmetic.Div(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Divu:
                    Rd(ref x, ref op) = Arithmetic.Divu(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Rem:
                    Rd(ref x, ref op) = Arithmetic.Rem(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Remu:
                    Rd(ref x, ref op) = Arithmetic.Remu(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Divw:
                    Rd(ref x, ref op) = Arithmetic.Divw(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Divuw:
                    Rd(ref x, ref op) = Arithmetic.Divuw(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Remw:
                    Rd(ref x, ref op) = Arithmetic.Remw(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Remuw:
                    Rd(ref x, ref op) = Arithmetic.Remuw(Rs1(ref x, ref op), Rs2(ref x, ref op));
                    break;
                case Opcode.Lb:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at >= size)
                    {
                        goto loadFault;
                    }

                    Rd(ref x, ref op) = (ulong)(sbyte)memory.Load8(ram + at);
                    break;
                case Opcode.Lh:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 2)
                    {
                        goto loadFault;
                    }

                    Rd(ref x, ref op) = (ulong)(short)memory.Load16(ram + at);
                    break;
                case Opcode.Lw:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 4)
                    {
                        goto loadFault;
                    }

                    Rd(ref x, ref op) = (ulong)(int)memory.Load32(ram + at);
                    break;
                case Opcode.Ld:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 8)
                    {
                        goto loadFault;
                    }

                    Rd(ref x, ref op) = memory.Load64(ram + at);
                    break;
                case Opcode.Lbu:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at >= size)
                    {
                        goto loadFault;
                    }

                    Rd(ref x, ref op) = memory.Load8(ram + at);
                    break;
                case Opcode.Lhu:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 2)
                    {
                        goto loadFault;
                    }

                    Rd(ref x, ref op) = memory.Load16(ram + at);
                    break;
                case Opcode.Lwu:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 4)
                    {
                        goto loadFault;
                    }

                    Rd(ref x, ref op) = memory.Load32(ram + at);
                    break;
                case Opcode.Sb:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at >= size)
                    {
                        goto storeFault;
                    }

                    memory.Store8(ram + at, (byte)Rs2(ref x, ref op));
                    if (memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 1;
                        goto storeSlow;
                    }

                    break;
                case Opcode.Sh:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 2)
                    {
                        goto storeFault;
                    }

                    memory.Store16(ram + at, (ushort)Rs2(ref x, ref op));
                    if ((at & 1) != 0 || memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 2;
                        goto storeSlow;
                    }

                    break;
                case Opcode.Sw:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 4)
                    {
                        goto storeFault;
                    }

                    memory.Store32(ram + at, (uint)Rs2(ref x, ref op));
                    if ((at & 3) != 0 || memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 4;
                        goto storeSlow;
                    }

                    break;
                case Opcode.Sd:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm - start;
                    if (at > size - 8)
                    {
                        goto storeFault;
                    }

                    memory.Store64(ram + at, Rs2(ref x, ref op));
                    if ((at & 7) != 0 || memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 8;
                        goto storeSlow;
                    }

                    break;
                case Opcode.LrW:
                    at = Rs1(ref x, ref op) - start;
                    if (at > size - 4 || (at & 3) != 0)
                    {
                        goto atomicFault;
                    }

                    cpu.ReservedAddress = at;
                    cpu.ReservedValue = Atomics.Load32(ram + at);
                    Rd(ref x, ref op) = (ulong)(int)cpu.ReservedValue;
                    break;
                case Opcode.LrD:
                    at = Rs1(ref x, ref op) - start;
                    if (at > size - 8 || (at & 7) != 0)
                    {
                        goto atomicFault;
                    }

                    cpu.ReservedAddress = at;
                    cpu.ReservedValue = Atomics.Load64(ram + at);
                    Rd(ref x, ref op) = cpu.ReservedValue;
                    break;
                case Opcode.ScW:
                    at = Rs1(ref x, ref op) - start;
                    if (at > size - 4 || (at & 3) != 0)
                    {
                        goto atomicFault;
                    }

                    reserved = cpu.ReservedAddress == at && Atomics.StoreConditional32(ram + at, (uint)cpu.ReservedValue, (uint)Rs2(ref x, ref op));
                    cpu.ReservedAddress = 1;
                    Rd(ref x, ref op) = reserved ? 0UL : 1;
                    if (reserved && memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 4;
                        goto storeSlow;
                    }

                    break;
                case Opcode.ScD:
                    at = Rs1(ref x, ref op) - start;
                    if (at > size - 8 || (at & 7) != 0)
                    {
                        goto atomicFault;
                    }

                    reserved = cpu.ReservedAddress == at && Atomics.StoreConditional64(ram + at, cpu.ReservedValue, Rs2(ref x, ref op));
                    cpu.ReservedAddress = 1;
                    Rd(ref x, ref op) = reserved ? 0UL : 1;
                    if (reserved && memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 8;
                        goto storeSlow;
                    }

                    break;
                case Opcode.AmoW:
                    at = Rs1(ref x, ref op) - start;
                    if (at > size - 4 || (at & 3) != 0)
                    {
                        goto atomicFault;
                    }

                    Rd(ref x, ref op) = (ulong)(int)Atomics.Modify32((AmoFunction)op.Imm, ram + at, (uint)Rs2(ref x, ref op));
                    if (memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 4;
                        goto storeSlow;
                    }

                    break;
                case Opcode.AmoD:
                    at = Rs1(ref x, ref op) - start;
                    if (at > size - 8 || (at & 7) != 0)
                    {
                        goto atomicFault;
                    }

                    Rd(ref x, ref op) = Atomics.Modify64((AmoFunction)op.Imm, ram + at, Rs2(ref x, ref op));
                    if (memory.LoadPageFlags(pages + (at >> GuestRam.PageBits)) != 0)
                    {
                        stored = 8;
                        goto storeSlow;
                    }

                    break;
                case Opcode.Fence:
                    memory.Fence();
                    break;
                case Opcode.ReadHartId:
                    Rd(ref x, ref op) = (ulong)cpu.Index;
                    break;
                case Opcode.ReadInstret:
                    Rd(ref x, ref op) = (ulong)(cpu.Instructions + retired - code.InstructionCount + (op.Offset / 2));
                    break;
                case Opcode.Beq:
                    if (Rs1(ref x, ref op) == Rs2(ref x, ref op))
                    {
                        goto taken;
                    }

                    goto notTaken;
                case Opcode.Bne:
                    if (Rs1(ref x, ref op) != Rs2(ref x, ref op))
                    {
                        goto taken;
                    }

                    goto notTaken;
                case Opcode.Blt:
                    if ((long)Rs1(ref x, ref op) < (long)Rs2(ref x, ref op))
                    {
                        goto taken;
                    }

                    goto notTaken;
                case Opcode.Bge:
                    if ((long)Rs1(ref x, ref op) >= (long)Rs2(ref x, ref op))
                    {
                        goto taken;
                    }

                    goto notTaken;
                case Opcode.Bltu:
                    if (Rs1(ref x, ref op) < Rs2(ref x, ref op))
                    {
                        goto taken;
                    }

                    goto notTaken;
                case Opcode.Bgeu:
                    if (Rs1(ref x, ref op) >= Rs2(ref x, ref op))
                    {
                        goto taken;
                    }

                    goto notTaken;
                case Opcode.Jal:
                    Rd(ref x, ref op) = code.Pc + (2 * (ulong)op.Offset) + 4;
                    goto jump;
                case Opcode.Continue:
                    goto jump;
                case Opcode.Jalr:
                    target = (Rs1(ref x, ref op) + (ulong)op.Imm) & ~1UL;
                    Rd(ref x, ref op) = code.Pc + (2 * (ulong)op.Offset) + 4;
                    goto indirect;
                case Opcode.FenceI:
                    memory.Fence();
                    goto leaveAfter;
                case Opcode.Wfi:
                    Thread.Yield(); // there are no interrupts to wait for
                    goto leaveAfter;
                case Opcode.Pause:
                    Thread.Yield();
                    break;
                case Opcode.Ecall:
                    cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + 4;
                    machine.EnvironmentCall(cpu, cpu.Pc - 4);
                    goto leave;
                default: // Ebreak, Illegal
                    goto illegal;
            }

        resume:
            op = ref Unsafe.Add(ref op, 1);
            continue;

        storeSlow:
            if (!StoreSlow(machine, cpu, code, start + at, stored))
            {
                goto leaveAfter;
            }

            goto resume;
        }

    taken:
        next = Volatile.Read(ref code.Target1); // Pairs with TbCode.SetTarget.
        if (next != null && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = next == null ? 1 : NoExit; // as TB_EXIT_REQUESTED: no last block
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
        goto done;

    notTaken:
        next = Volatile.Read(ref code.Target0);
        if (next != null && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = next == null ? 0 : NoExit;
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + 4;
        goto done;

    jump:
        next = Volatile.Read(ref code.Target0);
        if (next != null && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = next == null ? 0 : NoExit;
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
        goto done;

    indirect:
        next = cpu.JumpCache.Find(target);
        if (next != null && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = NoExit;
        cpu.Pc = target;
        goto done;

    leaveAfter:
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + 4;

    leave:
        exit = NoExit;
        retired -= code.InstructionCount - (op.Offset / 2) - 1;

    done:
        cpu.Instructions += retired;
        return code;

    loadFault:
        Fault(machine, cpu, code, ref op, $"load from 0x{at + start:x}, outside RAM");
        goto faulted;

    storeFault:
        Fault(machine, cpu, code, ref op, $"store to 0x{at + start:x}, outside RAM");
        goto faulted;

    atomicFault:
        Fault(machine, cpu, code, ref op, $"atomic access to 0x{at + start:x}, misaligned or outside RAM");
        goto faulted;

    illegal:
        Fault(machine, cpu, code, ref op, op.Code == Opcode.Ebreak ? "ebreak" : "illegal instruction");

    faulted:
        exit = NoExit;
        retired -= code.InstructionCount - (op.Offset / 2);
        goto done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong Rd(ref ulong x, ref Op op) => ref Unsafe.Add(ref x, op.Rd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Rs1(ref ulong x, ref Op op) => Unsafe.Add(ref x, op.Rs1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Rs2(ref ulong x, ref Op op) => Unsafe.Add(ref x, op.Rs2);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StoreSlow(Machine machine, VCpu cpu, TbCode code, ulong address, int size) => machine.StoreSlow(cpu, code, address, size);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fault(Machine machine, VCpu cpu, TbCode code, ref Op op, string reason) =>
        machine.RaiseFault(cpu, code.Pc + (2 * (ulong)op.Offset), reason);
}
