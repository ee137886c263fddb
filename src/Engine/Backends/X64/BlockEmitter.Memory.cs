using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Engine.Backends.X64;

/// <summary>Loads and stores: the fast path in line, the slow one in a stub.</summary>
internal sealed unsafe partial class BlockEmitter
{
    private const int ReadTag = 0, WriteTag = 8, Addend = 24; // in a TlbEntry

    private void EmitLoad(ref Op op, int index)
    {
        int size = (op.Code - Opcode.Lb) & 3;
        int guest = op.Rd & 31;
        Reg at = _cache.Use(op.Rs1);
        bool held = guest == 0 || _cache.Holds(guest);
        Reg to = guest == 0 ? Reg.Rax : _cache.Prepare(guest);
        ulong before = _cache.State(held ? 0 : guest);
        int branch = EmitCheck(at, (int)op.Imm, size, ReadTag);
        (Reg from, Reg plus, int displacement) = (Reg.R13, at, (int)op.Imm);
        if (_path == AccessPath.Tlb)
        {
            _code.RegMem(0x8b, Reg.Rdx, Reg.R15, Reg.Rcx, Addend);
            from = Reg.Rdx;
        }

        switch (op.Code)
        {
            case Opcode.Lb:
                _code.RegMem(0x0fbe, to, from, plus, displacement);
                break;
            case Opcode.Lbu:
                _code.RegMem(0x0fb6, to, from, plus, displacement, wide: false);
                break;
            case Opcode.Lh:
                _code.RegMem(0x0fbf, to, from, plus, displacement);
                break;
            case Opcode.Lhu:
                _code.RegMem(0x0fb7, to, from, plus, displacement, wide: false);
                break;
            case Opcode.Lw:
                _code.RegMem(0x63, to, from, plus, displacement);
                break;
            case Opcode.Lwu:
                _code.RegMem(0x8b, to, from, plus, displacement, wide: false);
                break;
            default:
                _code.RegMem(0x8b, to, from, plus, displacement);
                break;
        }

        if (guest != 0)
        {
            _cache.Written(guest);
        }

        _stubs.Add(new Stub(branch, 0, _code.Position, before, _cache.State(), index));
    }

    private void EmitStore(ref Op op, int index)
    {
        int size = op.Code - Opcode.Sb;
        Reg at = _cache.Use(op.Rs1), value = op.Rs2 == 0 ? default : _cache.Use(op.Rs2);
        ulong state = _cache.State();
        int branch = EmitCheck(at, (int)op.Imm, size, WriteTag);
        (Reg to, Reg plus, int displacement) = (Reg.R13, at, (int)op.Imm);
        if (_path == AccessPath.Tlb)
        {
            _code.RegMem(0x8b, Reg.Rax, Reg.R15, Reg.Rcx, Addend); // the tag stays in rdx for the second comparison
            to = Reg.Rax;
        }

        if (size == 1)
        {
            _code.Byte(0x66);
        }

        if (op.Rs2 != 0)
        {
            _code.RegMem(size == 0 ? 0x88 : 0x89, value, to, plus, displacement, wide: size == 3);
        }
        else
        {
            _code.RegMem(size == 0 ? 0xc6 : 0xc7, 0, to, plus, displacement, wide: size == 3);
            for (int i = 0; i < Math.Min(4, 1 << size); i++)
            {
                _code.Byte(0);
            }
        }

        // The store comes first, as in the interpreter and SlowPath.Stored; pairs with the process-wide barrier in GuestRam.Watch.
        if (_path == AccessPath.Flat)
        {
            _code.ShiftBy(Shift.LogicalRight, Reg.Rax, GuestRam.PageBits, wide: false);
            _code.CompareMemory(Reg.R15, Reg.Rax, 0, 0);
        }
        else
        {
            _code.RegMem(0x3b, Reg.Rdx, Reg.R15, Reg.Rcx, WriteTag);
        }

        int watched = _code.JumpIf(Condition.NotEqual);
        _stubs.Add(new Stub(branch, watched, _code.Position, state, state, index));
    }

    /// <summary>
    /// Tests whether the fast path applies. Afterwards, with a TLB: rdx the tag, rcx the offset of the entry; without: rax the offset in RAM.
    /// </summary>
    /// <param name="size">Logarithm of the number of bytes; an access that is not aligned to it fails.</param>
    /// <returns>The branch taken if not.</returns>
    private int EmitCheck(Reg at, int displacement, int size, int tag)
    {
        if (_path == AccessPath.Flat)
        {
            return EmitBoundsCheck(at, displacement, size);
        }

        Reg address = at;
        if (displacement != 0)
        {
            _code.Lea(Reg.Rax, at, displacement);
            address = Reg.Rax;
        }

        // Entries have 32 bytes: bits 12 to 19 of the address go to bits 5 to 12.
        if (options.HasBmi2)
        {
            _code.RotateX(Reg.Rcx, address, 7, wide: false);
        }
        else
        {
            _code.RegReg(0x89, address, Reg.Rcx, wide: false);
            _code.ShiftBy(Shift.LogicalRight, Reg.Rcx, 7, wide: false);
        }

        _code.Arithmetic(Alu.And, Reg.Rcx, (SoftTlb.Size - 1) << 5, wide: false);
        _code.Move(Reg.Rdx, address);
        _code.Arithmetic(Alu.And, Reg.Rdx, -GuestRam.PageSize | ((1 << size) - 1));
        _code.RegMem(0x3b, Reg.Rdx, Reg.R15, Reg.Rcx, tag);
        return _code.JumpIf(Condition.NotEqual);
    }

    private int EmitBoundsCheck(Reg at, int displacement, int size)
    {
        long offset = displacement - (long)options.RamStart;
        if (offset == (int)offset)
        {
            _code.Lea(Reg.Rax, at, (int)offset);
        }
        else
        {
            _code.Lea(Reg.Rax, at, displacement);
            _code.Arithmetic(Alu.Add, Reg.Rax, (int)-(long)options.RamStart);
        }

        Reg tested = Reg.Rax;
        if (size > 0) // bits that should be zero become the highest ones
        {
            tested = Reg.Rdx;
            if (options.HasBmi2)
            {
                _code.RotateX(Reg.Rdx, Reg.Rax, size);
            }
            else
            {
                _code.Move(Reg.Rdx, Reg.Rax);
                _code.RegReg(0xc1, (Reg)1, Reg.Rdx);
                _code.Byte(size);
            }
        }

        _code.Arithmetic(Alu.Cmp, tested, (int)(options.RamSize >> size));
        return _code.JumpIf(Condition.AboveOrEqual);
    }
}
