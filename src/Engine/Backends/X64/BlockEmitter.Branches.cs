using System.Numerics;
using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Engine.Backends.X64;

// How a block is left: branches, jumps, and the loop a block makes with itself.
internal sealed unsafe partial class BlockEmitter
{
    private void EmitBranch(ref Op op)
    {
        Condition condition = op.Code switch
        {
            Opcode.Beq => Condition.Equal,
            Opcode.Bne => Condition.NotEqual,
            Opcode.Blt => Condition.Less,
            Opcode.Bge => Condition.GreaterOrEqual,
            Opcode.Bltu => Condition.Below,
            _ => Condition.AboveOrEqual,
        };
        (int a, int b) = (op.Rs1, op.Rs2);
        if (a == 0 && b != 0)
        {
            (a, b, condition) = (b, a, condition switch
            {
                Condition.Less => Condition.Greater,
                Condition.GreaterOrEqual => Condition.LessOrEqual,
                Condition.Below => Condition.Above,
                Condition.AboveOrEqual => Condition.BelowOrEqual,
                _ => condition,
            });
        }

        Reg left = a == 0 ? Reg.Rax : _cache.Use(a), right = b == 0 ? left : _cache.Use(b);
        if (_loopHead == 0)
        {
            _cache.WriteBack();
        }

        if (a == 0)
        {
            _code.Constant(Reg.Rax, 0);
        }

        if (b == 0)
        {
            _code.Test(left, left);
        }
        else
        {
            _code.Arithmetic(Alu.Cmp, left, right);
        }

        _code.Align4(2);
        _branches.Exit1 = _code.JumpIf(condition);
        if (_loopHead != 0)
        {
            _cache.WriteBack(_loopState);
        }

        EmitExitJump();
    }

    private void EmitExitJump()
    {
        _code.Align4(1);
        _branches.Exit0 = _code.Jump();
    }

    private void EmitIndirectJump(ref Op op)
    {
        if (op.Rs1 == 0)
        {
            _code.Constant(Reg.Rax, op.Imm & ~1L);
        }
        else
        {
            _code.Lea(Reg.Rax, _cache.Use(op.Rs1), (int)op.Imm);
            _code.Arithmetic(Alu.And, Reg.Rax, ~1);
        }

        SetConstant(op.Rd, (long)(PcOf(_block, ref op) + op.Length));
        _cache.WriteBack();

        // TbJumpCache.Probe and IsUsable: one word names the entry, and the entry names pc, mode, mark and code.
        _code.Load(Reg.Rdx, Reg.Rbp, RegisterCache.Word(StateWord.JumpCache));
        _code.RegReg(0x89, Reg.Rax, Reg.Rcx, wide: false);
        _code.ShiftBy(Shift.LogicalRight, Reg.Rcx, 1, wide: false);
        _code.RegReg(0x89, Reg.Rax, Reg.Rsi, wide: false);
        _code.ShiftBy(Shift.LogicalRight, Reg.Rsi, 2, wide: false);
        _code.Arithmetic(Alu.Xor, Reg.Rcx, Reg.Rsi, wide: false);
        _code.Arithmetic(Alu.And, Reg.Rcx, options.JumpCacheMask, wide: false);
        _code.RegMem(0x8b, Reg.Rdx, Reg.Rdx, Reg.Rcx, 0, scale: 3);
        _code.RegMem(0x3b, Reg.Rax, Reg.Rdx, 0);
        int otherPc = _code.JumpIf(Condition.NotEqual);
        _code.RegMem(0x81, (Reg)Alu.Cmp, Reg.Rdx, 8, wide: false);
        _code.Int((int)_block.Mode);
        int otherFlags = _code.JumpIf(Condition.NotEqual);
        _code.RegMem(0xff, (Reg)4, Reg.Rdx, 16, wide: false);
        _code.Aim(otherPc);
        _code.Aim(otherFlags);
        _code.Store(Reg.Rax, Reg.Rbp, RegisterCache.Word(StateWord.Pc));
        EmitLeave(Thunks.NoExit);
    }

    // Its last branch leads to its start, and what it uses fits into host registers.
    private bool IsLoop(Op[] ops, out uint guests, out uint written)
    {
        ref Op last = ref ops[^1];
        guests = written = 0;
        if (last.Code is < Opcode.Beq or > Opcode.Bgeu || last.Imm != -2 * (long)last.Offset)
        {
            return false;
        }

        foreach (Op op in ops)
        {
            bool isStore = op.Code is >= Opcode.Sb and <= Opcode.Sd, isLoad = op.Code is >= Opcode.Lb and <= Opcode.Lwu;
            bool isBranch = op.Code is >= Opcode.Beq and <= Opcode.Bgeu;
            if (!isStore && !isLoad && !isBranch && op.Code != Opcode.Fence && !IsArithmetic(op.Code) || ((isStore || isLoad) && op.Rs1 == 0))
            {
                return false;
            }

            if (op.Code == Opcode.Fence)
            {
                continue;
            }

            guests |= op.Code is Opcode.Lui or Opcode.Auipc ? 0 : 1u << op.Rs1;
            guests |= isStore || isBranch || IsTwoOperand(op.Code) ? 1u << op.Rs2 : 0;
            if (!isStore && !isBranch && op.Rd < Op.Sink)
            {
                written |= 1u << op.Rd;
            }
        }

        guests = (guests | written) & ~1u;
        return BitOperations.PopCount(guests) <= RegisterCache.Count;
    }
}
