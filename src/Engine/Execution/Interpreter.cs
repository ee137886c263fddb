using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Verify.Engine.Auditing;
using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The interpreter back end: one switch over predecoded ops, specialised for its memory access and audit.</summary>
/// <remarks>
/// It follows chained jumps and, at indirect jumps, the vCPU's jump cache; at each block entered so it honours an exit request and the end of the
/// vCPU's budget, but never at the first block, so that every turn of the main loop makes progress. Anything but RAM the TLB knows is done in
/// Interpreter.SlowPaths.cs, which finds the vCPU's pc and instruction count exact. A block that stores into itself is left after the store (precise
/// self-modifying code); a fence.i ends its block.
/// One function of more than 300 lines on purpose: a call per op, or per group of ops, halves its speed.
/// </remarks>
internal static unsafe partial class Interpreter
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
        TlbEntry* tlb = cpu.DataTable; // what chooses another table leaves the chain
        TlbEntry* entry;
        long credit = cpu.Budget;
        ulong at;
        ulong value;
        ulong target;
        Step step;
        TbCode? next;

    enter:
        audit.Executed(cpu, code);
        credit -= code.InstructionCount;
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
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (entry->Read != (at & TlbEntry.PageMask))
                    {
                        goto loadSlow;
                    }

                    Rd(ref x, ref op) = (ulong)(sbyte)memory.Load8((byte*)(at + entry->Addend));
                    break;
                case Opcode.Lh:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (entry->Read != (at & (TlbEntry.PageMask | 1)))
                    {
                        goto loadSlow;
                    }

                    Rd(ref x, ref op) = (ulong)(short)memory.Load16((byte*)(at + entry->Addend));
                    break;
                case Opcode.Lw:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (entry->Read != (at & (TlbEntry.PageMask | 3)))
                    {
                        goto loadSlow;
                    }

                    Rd(ref x, ref op) = (ulong)(int)memory.Load32((byte*)(at + entry->Addend));
                    break;
                case Opcode.Ld:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (entry->Read != (at & (TlbEntry.PageMask | 7)))
                    {
                        goto loadSlow;
                    }

                    Rd(ref x, ref op) = memory.Load64((byte*)(at + entry->Addend));
                    break;
                case Opcode.Lbu:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (entry->Read != (at & TlbEntry.PageMask))
                    {
                        goto loadSlow;
                    }

                    Rd(ref x, ref op) = memory.Load8((byte*)(at + entry->Addend));
                    break;
                case Opcode.Lhu:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (entry->Read != (at & (TlbEntry.PageMask | 1)))
                    {
                        goto loadSlow;
                    }

                    Rd(ref x, ref op) = memory.Load16((byte*)(at + entry->Addend));
                    break;
                case Opcode.Lwu:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (entry->Read != (at & (TlbEntry.PageMask | 3)))
                    {
                        goto loadSlow;
                    }

                    Rd(ref x, ref op) = memory.Load32((byte*)(at + entry->Addend));
                    break;
                case Opcode.Sb:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (Volatile.Read(ref entry->Write) != (at & TlbEntry.PageMask))
                    {
                        goto storeSlow;
                    }

                    memory.Store8((byte*)(at + entry->Addend), (byte)Rs2(ref x, ref op));
                    if (Volatile.Read(ref entry->Write) != (at & TlbEntry.PageMask)) // Pairs with the barrier in GuestRam.Watch.
                    {
                        goto storedBesideWatcher;
                    }

                    break;
                case Opcode.Sh:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (Volatile.Read(ref entry->Write) != (at & (TlbEntry.PageMask | 1)))
                    {
                        goto storeSlow;
                    }

                    memory.Store16((byte*)(at + entry->Addend), (ushort)Rs2(ref x, ref op));
                    if (Volatile.Read(ref entry->Write) != (at & (TlbEntry.PageMask | 1))) // Pairs with the barrier in GuestRam.Watch.
                    {
                        goto storedBesideWatcher;
                    }

                    break;
                case Opcode.Sw:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (Volatile.Read(ref entry->Write) != (at & (TlbEntry.PageMask | 3)))
                    {
                        goto storeSlow;
                    }

                    memory.Store32((byte*)(at + entry->Addend), (uint)Rs2(ref x, ref op));
                    if (Volatile.Read(ref entry->Write) != (at & (TlbEntry.PageMask | 3))) // Pairs with the barrier in GuestRam.Watch.
                    {
                        goto storedBesideWatcher;
                    }

                    break;
                case Opcode.Sd:
                    at = Rs1(ref x, ref op) + (ulong)op.Imm;
                    entry = SoftTlb.Entry(tlb, at);
                    if (Volatile.Read(ref entry->Write) != (at & (TlbEntry.PageMask | 7)))
                    {
                        goto storeSlow;
                    }

                    memory.Store64((byte*)(at + entry->Addend), Rs2(ref x, ref op));
                    if (Volatile.Read(ref entry->Write) != (at & (TlbEntry.PageMask | 7))) // Pairs with the barrier in GuestRam.Watch.
                    {
                        goto storedBesideWatcher;
                    }

                    break;
                case Opcode.LrW or Opcode.LrD or Opcode.ScW or Opcode.ScD or Opcode.AmoW or Opcode.AmoD:
                    step = Atomic<TMemory>(machine, cpu, code, ref op, credit);
                    goto stepped;
                case Opcode.Fence:
                    memory.Fence();
                    break;
                case Opcode.Csr:
                    step = AccessCsr(machine, cpu, code, ref op, credit);
                    goto stepped;
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
                    Rd(ref x, ref op) = code.Pc + (2 * (ulong)op.Offset) + op.Length;
                    goto jump;
                case Opcode.Continue:
                    goto jump;
                case Opcode.Jalr:
                    target = (Rs1(ref x, ref op) + (ulong)op.Imm) & ~1UL;
                    Rd(ref x, ref op) = code.Pc + (2 * (ulong)op.Offset) + op.Length;
                    goto indirect;
                case Opcode.FenceI:
                    memory.Fence();
                    goto leaveAfter;
                case Opcode.Pause:
                    Thread.Yield();
                    break;
                default: // traps and their returns, fences of translation, wfi, what is illegal
                    step = LeavingOp(machine, cpu, code, ref op, credit);
                    if (step == Step.Leave)
                    {
                        goto leave;
                    }

                    goto trapped;
            }

        resume:
            op = ref Unsafe.Add(ref op, 1);
            continue;

        loadSlow:
            if (!LoadSlow<TMemory>(machine, cpu, code, ref op, credit, at, out value))
            {
                goto trapped;
            }

            Rd(ref x, ref op) = value;
            goto resume;

        storeSlow:
            step = StoreSlow<TMemory>(machine, cpu, code, ref op, credit, at, Rs2(ref x, ref op));
            goto stepped;

        storedBesideWatcher:
            step = StoredBesideWatcher<TMemory>(machine, cpu, code, ref op, credit, at, entry);

        stepped:
            if (step == Step.Next)
            {
                goto resume;
            }

            if (step == Step.Trapped)
            {
                goto trapped;
            }

            goto leaveAfter;
        }

    taken:
        next = Volatile.Read(ref code.Target1); // Pairs with TbCode.SetTarget.
        if (next != null && credit > 0 && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = next == null ? 1 : NoExit; // as TB_EXIT_REQUESTED: no last block
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
        goto done;

    notTaken:
        next = Volatile.Read(ref code.Target0);
        if (next != null && credit > 0 && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = next == null ? 0 : NoExit;
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + op.Length;
        goto done;

    jump:
        next = Volatile.Read(ref code.Target0);
        if (next != null && credit > 0 && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = next == null ? 0 : NoExit;
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
        goto done;

    indirect:
        next = cpu.JumpCache.Find(target);
        if (next != null && credit > 0 && Volatile.Read(ref cpu.ExitRequest) == 0)
        {
            code = next;
            goto enter;
        }

        exit = NoExit;
        cpu.Pc = target;
        goto done;

    leaveAfter:
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + op.Length;

    leave:
        exit = NoExit;
        credit += code.InstructionCount - IndexOf(code, ref op) - 1;

    done:
        cpu.Instructions += cpu.Budget - credit;
        cpu.Budget = credit;
        return code;

    trapped:
        exit = NoExit;
        credit += code.InstructionCount - IndexOf(code, ref op);
        cpu.Instructions += cpu.Budget - credit;
        cpu.Budget = credit - 1; // an endless loop of traps comes to its end as one of instructions does
        return code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong Rd(ref ulong x, ref Op op) => ref Unsafe.Add(ref x, op.Rd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Rs1(ref ulong x, ref Op op) => Unsafe.Add(ref x, op.Rs1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Rs2(ref ulong x, ref Op op) => Unsafe.Add(ref x, op.Rs2);
}
