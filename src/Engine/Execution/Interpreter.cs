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
/// vCPU's budget, but never at the first block, so that every turn of the main loop makes progress. All that is not in the switch is done outside
/// this function, by Interpreter.SlowPaths.cs, which finds the vCPU's pc and instruction count exact. A block that stores into itself is left after
/// the store (precise self-modifying code); a fence.i ends its block. One function on purpose, without calls but for those of an audit: a call per
/// op, or any call at all inside, has the JIT keep the op and the registers' address in memory, and halves its speed. An access whose page is not
/// at hand fails its `when` and so falls to the slow path.
/// </remarks>
internal static unsafe partial class Interpreter
{
    /// <summary>The chain ended where no direct jump can be linked.</summary>
    public const int NoExit = -1;

    // The chain has stopped at an op that is not its business; or after a store whose page has become watched meanwhile.
    private const int AtSlowOp = -2, AfterWatchedStore = -3;

    /// <summary>Runs a chain of blocks, from op <paramref name="start"/> of the first, until it ends or comes to a slow op.</summary>
    /// <remarks>cpu.Exit says which; at an end, cpu.Pc where to go on.</remarks>
    /// <returns>The block that ran last.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TbCode Chain<TMemory, TAudit>(VCpu cpu, TbCode code, int start, ref TAudit audit)
        where TMemory : struct, IGuestMemory
        where TAudit : struct, IAudit
    {
        TMemory memory = default;
        ulong* x = cpu.Registers;
        TlbEntry* tlb = cpu.DataTable; // what chooses another table leaves the chain
        long credit = cpu.Credit;
        ulong at;
        byte* host;
        TbCode? next;
        ref Op op = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(code.Ops), start);
        if (start > 0)
        {
            goto resume;
        }

    enter:
        audit.Executed(cpu, code);
        credit -= code.InstructionCount;
        op = ref MemoryMarshal.GetArrayDataReference(code.Ops);
    resume:
        while (true)
        {
            switch (op.Code)
            {
                case Opcode.Addi:
                    x[op.Rd] = x[op.Rs1] + (ulong)op.Imm;
                    break;
                case Opcode.Add:
                    x[op.Rd] = x[op.Rs1] + x[op.Rs2];
                    break;
                case Opcode.Sub:
                    x[op.Rd] = x[op.Rs1] - x[op.Rs2];
                    break;
                case Opcode.Lui:
                    x[op.Rd] = (ulong)op.Imm;
                    break;
                case Opcode.Auipc:
                    x[op.Rd] = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
                    break;
                case Opcode.Slti:
                    x[op.Rd] = (long)x[op.Rs1] < op.Imm ? 1UL : 0;
                    break;
                case Opcode.Sltiu:
                    x[op.Rd] = x[op.Rs1] < (ulong)op.Imm ? 1UL : 0;
                    break;
                case Opcode.Slt:
                    x[op.Rd] = (long)x[op.Rs1] < (long)x[op.Rs2] ? 1UL : 0;
                    break;
                case Opcode.Sltu:
                    x[op.Rd] = x[op.Rs1] < x[op.Rs2] ? 1UL : 0;
                    break;
                case Opcode.Xori:
                    x[op.Rd] = x[op.Rs1] ^ (ulong)op.Imm;
                    break;
                case Opcode.Ori:
                    x[op.Rd] = x[op.Rs1] | (ulong)op.Imm;
                    break;
                case Opcode.Andi:
                    x[op.Rd] = x[op.Rs1] & (ulong)op.Imm;
                    break;
                case Opcode.Xor:
                    x[op.Rd] = x[op.Rs1] ^ x[op.Rs2];
                    break;
                case Opcode.Or:
                    x[op.Rd] = x[op.Rs1] | x[op.Rs2];
                    break;
                case Opcode.And:
                    x[op.Rd] = x[op.Rs1] & x[op.Rs2];
                    break;
                case Opcode.Slli:
                    x[op.Rd] = x[op.Rs1] << (int)op.Imm;
                    break;
                case Opcode.Srli:
                    x[op.Rd] = x[op.Rs1] >> (int)op.Imm;
                    break;
                case Opcode.Srai:
                    x[op.Rd] = (ulong)((long)x[op.Rs1] >> (int)op.Imm);
                    break;
                case Opcode.Sll:
                    x[op.Rd] = x[op.Rs1] << (int)x[op.Rs2];
                    break;
                case Opcode.Srl:
                    x[op.Rd] = x[op.Rs1] >> (int)x[op.Rs2];
                    break;
                case Opcode.Sra:
                    x[op.Rd] = (ulong)((long)x[op.Rs1] >> (int)x[op.Rs2]);
                    break;
                case Opcode.Addiw:
                    x[op.Rd] = (ulong)(int)(x[op.Rs1] + (ulong)op.Imm);
                    break;
                case Opcode.Addw:
                    x[op.Rd] = (ulong)(int)(x[op.Rs1] + x[op.Rs2]);
                    break;
                case Opcode.Subw:
                    x[op.Rd] = (ulong)(int)(x[op.Rs1] - x[op.Rs2]);
                    break;
                case Opcode.Slliw:
                    x[op.Rd] = (ulong)((int)x[op.Rs1] << (int)op.Imm);
                    break;
                case Opcode.Srliw:
                    x[op.Rd] = (ulong)(int)((uint)x[op.Rs1] >> (int)op.Imm);
                    break;
                case Opcode.Sraiw:
                    x[op.Rd] = (ulong)((int)x[op.Rs1] >> (int)op.Imm);
                    break;
                case Opcode.Sllw:
                    x[op.Rd] = (ulong)((int)x[op.Rs1] << (int)x[op.Rs2]);
                    break;
                case Opcode.Srlw:
                    x[op.Rd] = (ulong)(int)((uint)x[op.Rs1] >> (int)x[op.Rs2]);
                    break;
                case Opcode.Sraw:
                    x[op.Rd] = (ulong)((int)x[op.Rs1] >> (int)x[op.Rs2]);
                    break;
                case Opcode.Mul:
                    x[op.Rd] = x[op.Rs1] * x[op.Rs2];
                    break;
                case Opcode.Mulw:
                    x[op.Rd] = (ulong)((int)x[op.Rs1] * (int)x[op.Rs2]);
                    break;
                case Opcode.Lb when SoftTlb.HitsRead(tlb, at = x[op.Rs1] + (ulong)op.Imm, 0, out host):
                    x[op.Rd] = (ulong)(sbyte)memory.Load8(host);
                    break;
                case Opcode.Lh when SoftTlb.HitsRead(tlb, at = x[op.Rs1] + (ulong)op.Imm, 1, out host):
                    x[op.Rd] = (ulong)(short)memory.Load16(host);
                    break;
                case Opcode.Lw when SoftTlb.HitsRead(tlb, at = x[op.Rs1] + (ulong)op.Imm, 3, out host):
                    x[op.Rd] = (ulong)(int)memory.Load32(host);
                    break;
                case Opcode.Ld when SoftTlb.HitsRead(tlb, at = x[op.Rs1] + (ulong)op.Imm, 7, out host):
                    x[op.Rd] = memory.Load64(host);
                    break;
                case Opcode.Lbu when SoftTlb.HitsRead(tlb, at = x[op.Rs1] + (ulong)op.Imm, 0, out host):
                    x[op.Rd] = memory.Load8(host);
                    break;
                case Opcode.Lhu when SoftTlb.HitsRead(tlb, at = x[op.Rs1] + (ulong)op.Imm, 1, out host):
                    x[op.Rd] = memory.Load16(host);
                    break;
                case Opcode.Lwu when SoftTlb.HitsRead(tlb, at = x[op.Rs1] + (ulong)op.Imm, 3, out host):
                    x[op.Rd] = memory.Load32(host);
                    break;
                case Opcode.Sb when SoftTlb.HitsWrite(tlb, at = x[op.Rs1] + (ulong)op.Imm, 0, out host):
                    memory.Store8(host, (byte)x[op.Rs2]);
                    if (!SoftTlb.HitsWrite(tlb, at, 0, out _))
                    {
                        goto watched; // Pairs with the barrier in GuestRam.Watch.
                    }

                    break;
                case Opcode.Sh when SoftTlb.HitsWrite(tlb, at = x[op.Rs1] + (ulong)op.Imm, 1, out host):
                    memory.Store16(host, (ushort)x[op.Rs2]);
                    if (!SoftTlb.HitsWrite(tlb, at, 1, out _))
                    {
                        goto watched; // Pairs with the barrier in GuestRam.Watch.
                    }

                    break;
                case Opcode.Sw when SoftTlb.HitsWrite(tlb, at = x[op.Rs1] + (ulong)op.Imm, 3, out host):
                    memory.Store32(host, (uint)x[op.Rs2]);
                    if (!SoftTlb.HitsWrite(tlb, at, 3, out _))
                    {
                        goto watched; // Pairs with the barrier in GuestRam.Watch.
                    }

                    break;
                case Opcode.Sd when SoftTlb.HitsWrite(tlb, at = x[op.Rs1] + (ulong)op.Imm, 7, out host):
                    memory.Store64(host, x[op.Rs2]);
                    if (!SoftTlb.HitsWrite(tlb, at, 7, out _))
                    {
                        goto watched; // Pairs with the barrier in GuestRam.Watch.
                    }

                    break;
                case Opcode.Beq when x[op.Rs1] == x[op.Rs2]:
                case Opcode.Bne when x[op.Rs1] != x[op.Rs2]:
                case Opcode.Blt when (long)x[op.Rs1] < (long)x[op.Rs2]:
                case Opcode.Bge when (long)x[op.Rs1] >= (long)x[op.Rs2]:
                case Opcode.Bltu when x[op.Rs1] < x[op.Rs2]:
                case Opcode.Bgeu when x[op.Rs1] >= x[op.Rs2]:
                    goto taken;
                case Opcode.Beq or Opcode.Bne or Opcode.Blt or Opcode.Bge or Opcode.Bltu or Opcode.Bgeu:
                    goto notTaken; // a range of opcodes instead of their list would be a test before every op
                case Opcode.Jal:
                    x[op.Rd] = code.Pc + (2 * (ulong)op.Offset) + op.Length;
                    goto jump;
                case Opcode.Continue:
                    goto jump;
                case Opcode.Jalr:
                    at = (x[op.Rs1] + (ulong)op.Imm) & ~1UL;
                    x[op.Rd] = code.Pc + (2 * (ulong)op.Offset) + op.Length;
                    goto indirect;
                case Opcode.Fence:
                    memory.Fence();
                    break;
                default:
                    goto slow;
            }

            op = ref Unsafe.Add(ref op, 1);
        }

    taken:
        next = Volatile.Read(ref code.Target1); // Pairs with TbCode.SetTarget.
        if (next != null && credit > 0 && Volatile.Read(ref *(int*)(x + StateWord.ExitRequest)) == 0)
        {
            code = next;
            goto enter;
        }

        cpu.Exit = next == null ? 1 : NoExit; // as TB_EXIT_REQUESTED: no last block
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
        goto done;

    notTaken:
        next = Volatile.Read(ref code.Target0);
        if (next != null && credit > 0 && Volatile.Read(ref *(int*)(x + StateWord.ExitRequest)) == 0)
        {
            code = next;
            goto enter;
        }

        cpu.Exit = next == null ? 0 : NoExit;
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + op.Length;
        goto done;

    jump:
        next = Volatile.Read(ref code.Target0);
        if (next != null && credit > 0 && Volatile.Read(ref *(int*)(x + StateWord.ExitRequest)) == 0)
        {
            code = next;
            goto enter;
        }

        cpu.Exit = next == null ? 0 : NoExit;
        cpu.Pc = code.Pc + (2 * (ulong)op.Offset) + (ulong)op.Imm;
        goto done;

    indirect:
        next = cpu.JumpCache.Find(at);
        if (next != null && credit > 0 && Volatile.Read(ref *(int*)(x + StateWord.ExitRequest)) == 0)
        {
            code = next;
            goto enter;
        }

        cpu.Exit = NoExit;
        cpu.Pc = at;
        goto done;

    watched:
        cpu.Exit = AfterWatchedStore;
        goto stopped;

    slow:
        cpu.Exit = AtSlowOp;

    stopped:
        cpu.StoppedAt = (int)(Unsafe.ByteOffset(ref MemoryMarshal.GetArrayDataReference(code.Ops), ref op) / sizeof(Op));

    done:
        cpu.Credit = credit;
        return code;
    }
}
