using Verify.Engine.Guest;

namespace Verify.Engine.Backends.X64;

/// <summary>Operations between registers.</summary>
internal sealed unsafe partial class BlockEmitter
{
    private static bool IsTwoOperand(Opcode code) => code is (>= Opcode.Add and <= Opcode.Sraw) or Opcode.Mul or Opcode.Mulw;

    private static bool IsArithmetic(Opcode code) =>
        code is Opcode.Lui or Opcode.Auipc or (>= Opcode.Addi and <= Opcode.Sraw) or Opcode.Mul or Opcode.Mulw;

    private bool TryEmitArithmetic(ref Op op)
    {
        if (!IsArithmetic(op.Code))
        {
            return false;
        }

        if (op.Rd == Op.Sink)
        {
            return true;
        }

        switch (op.Code)
        {
            case Opcode.Lui:
                SetConstant(op.Rd, op.Imm);
                return true;
            case Opcode.Auipc:
                SetConstant(op.Rd, (long)(PcOf(_block, ref op) + (ulong)op.Imm));
                return true;
            case Opcode.Addi when op.Rs1 == 0:
                SetConstant(op.Rd, op.Imm);
                return true;
        }

        Reg a = Operand(op.Rs1, Reg.Rax);
        if (IsTwoOperand(op.Code))
        {
            Reg b = Operand(op.Rs2, Reg.Rcx);
            EmitTwoOperand(op.Code, _cache.Prepare(op.Rd), a, b);
        }
        else
        {
            EmitImmediate(op.Code, _cache.Prepare(op.Rd), a, (int)op.Imm);
        }

        _cache.Written(op.Rd);
        return true;
    }

    // x0 has no place in the cache.
    private Reg Operand(int guest, Reg zero)
    {
        if (guest != 0)
        {
            return _cache.Use(guest);
        }

        _code.Constant(zero, 0);
        return zero;
    }

    private void SetConstant(int guest, long value)
    {
        if (guest != Op.Sink)
        {
            _code.Constant(_cache.Prepare(guest), value);
            _cache.Written(guest);
        }
    }

    private void EmitImmediate(Opcode code, Reg to, Reg a, int imm)
    {
        switch (code)
        {
            case Opcode.Addi when imm == 0:
                _code.Move(to, a);
                break;
            case Opcode.Addi when to != a:
                _code.Lea(to, a, imm);
                break;
            case Opcode.Addi:
                _code.Arithmetic(Alu.Add, to, imm);
                break;
            case Opcode.Xori:
                Immediate(Alu.Xor, to, a, imm);
                break;
            case Opcode.Ori:
                Immediate(Alu.Or, to, a, imm);
                break;
            case Opcode.Andi when imm == 255:
                _code.RegReg(0x0fb6, to, a, wide: false);
                break;
            case Opcode.Andi:
                Immediate(Alu.And, to, a, imm);
                break;
            case Opcode.Slti:
                _code.Arithmetic(Alu.Cmp, a, imm);
                _code.SetIf(Condition.Less, to);
                break;
            case Opcode.Sltiu:
                _code.Arithmetic(Alu.Cmp, a, imm);
                _code.SetIf(Condition.Below, to);
                break;
            case Opcode.Slli:
                ShiftImmediate(Shift.Left, to, a, imm, true);
                break;
            case Opcode.Srli:
                ShiftImmediate(Shift.LogicalRight, to, a, imm, true);
                break;
            case Opcode.Srai:
                ShiftImmediate(Shift.ArithmeticRight, to, a, imm, true);
                break;
            case Opcode.Addiw when imm == 0:
                _code.SignExtend32(to, a);
                break;
            case Opcode.Addiw:
                _code.Lea(to, a, imm, wide: false);
                _code.SignExtend32(to, to);
                break;
            case Opcode.Slliw:
                ShiftImmediate(Shift.Left, to, a, imm, false);
                break;
            case Opcode.Srliw:
                ShiftImmediate(Shift.LogicalRight, to, a, imm, false);
                break;
            case Opcode.Sraiw:
                ShiftImmediate(Shift.ArithmeticRight, to, a, imm, false);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(code), code, null);
        }
    }

    private void EmitTwoOperand(Opcode code, Reg to, Reg a, Reg b)
    {
        switch (code)
        {
            case Opcode.Add when to != a && to != b:
                _code.Lea(to, a, b);
                break;
            case Opcode.Add:
                Commutative(Alu.Add, to, a, b);
                break;
            case Opcode.Sub:
                Subtract(to, a, b, true);
                break;
            case Opcode.Xor:
                Commutative(Alu.Xor, to, a, b);
                break;
            case Opcode.Or:
                Commutative(Alu.Or, to, a, b);
                break;
            case Opcode.And:
                Commutative(Alu.And, to, a, b);
                break;
            case Opcode.Slt:
                _code.Arithmetic(Alu.Cmp, a, b);
                _code.SetIf(Condition.Less, to);
                break;
            case Opcode.Sltu:
                _code.Arithmetic(Alu.Cmp, a, b);
                _code.SetIf(Condition.Below, to);
                break;
            case Opcode.Sll:
                ShiftRegister(Shift.Left, to, a, b, true);
                break;
            case Opcode.Srl:
                ShiftRegister(Shift.LogicalRight, to, a, b, true);
                break;
            case Opcode.Sra:
                ShiftRegister(Shift.ArithmeticRight, to, a, b, true);
                break;
            case Opcode.Addw:
                Commutative(Alu.Add, to, a, b);
                _code.SignExtend32(to, to);
                break;
            case Opcode.Subw:
                Subtract(to, a, b, false);
                _code.SignExtend32(to, to);
                break;
            case Opcode.Sllw:
                ShiftRegister(Shift.Left, to, a, b, false);
                break;
            case Opcode.Srlw:
                ShiftRegister(Shift.LogicalRight, to, a, b, false);
                break;
            case Opcode.Sraw:
                ShiftRegister(Shift.ArithmeticRight, to, a, b, false);
                break;
            case Opcode.Mul:
                Multiply(to, a, b);
                break;
            case Opcode.Mulw:
                Multiply(to, a, b);
                _code.SignExtend32(to, to);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(code), code, null);
        }
    }

    private void Immediate(Alu what, Reg to, Reg a, int imm)
    {
        _code.Move(to, a);
        _code.Arithmetic(what, to, imm);
    }

    private void Commutative(Alu what, Reg to, Reg a, Reg b)
    {
        if (to == b)
        {
            (a, b) = (b, a);
        }

        _code.Move(to, a);
        _code.Arithmetic(what, to, b);
    }

    private void Subtract(Reg to, Reg a, Reg b, bool wide)
    {
        Reg result = to == b && to != a ? Reg.Rdx : to;
        _code.Move(result, a);
        _code.Arithmetic(Alu.Sub, result, b, wide);
        _code.Move(to, result);
    }

    private void Multiply(Reg to, Reg a, Reg b)
    {
        if (to == b)
        {
            (a, b) = (b, a);
        }

        _code.Move(to, a);
        _code.Multiply(to, b);
    }

    private void ShiftImmediate(Shift what, Reg to, Reg a, int count, bool wide)
    {
        _code.Move(to, a);
        _code.ShiftBy(what, to, count, wide);
        if (!wide)
        {
            _code.SignExtend32(to, to);
        }
    }

    private void ShiftRegister(Shift what, Reg to, Reg a, Reg count, bool wide)
    {
        if (options.HasBmi2)
        {
            _code.ShiftX(what, to, a, count, wide);
        }
        else
        {
            _code.Move(Reg.Rdx, a);
            _code.Move(Reg.Rcx, count);
            _code.ShiftByCl(what, Reg.Rdx, wide);
            _code.Move(to, Reg.Rdx);
        }

        if (!wide)
        {
            _code.SignExtend32(to, to);
        }
    }
}
