using System.Numerics;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Backends.X64;

/// <summary>The host and the machine code is generated for.</summary>
/// <param name="HasBmi2">The host has shlx, rorx and the like.</param>
/// <param name="Machine">How blocks of machine mode reach memory; the others use the TLB.</param>
internal sealed record EmitterOptions(bool HasBmi2, AccessPath Machine, ulong RamStart, ulong RamSize, int JumpCacheMask);

/// <summary>From the operations of a block to machine code: one pass, registers cached until the block is left.</summary>
/// <remarks>
/// Layout: a test for exit requests, the operations, then out of line the slow paths and exits, then the table from offsets to operations. What runs
/// within the block never needs its pc in memory; a slow path writes registers back and names the block and operation (restore_state_to_opc in
/// QEMU). A block whose last branch leads to its own start keeps all its registers in host registers over that branch.
/// </remarks>
internal sealed unsafe partial class BlockEmitter(EmitterOptions options, Thunks thunks)
{
    private const int BytesPerOp = 200, BytesPerStub = 160, BytesOfEnds = 400;

    private readonly Assembler _code = new();
    private RegisterCache _cache = null!;
    private readonly List<Stub> _stubs = [];
    private readonly ushort[] _table = new ushort[2 * ((2 * Translator.MaxInstructions) + 8)];
    private int _tableLength;
    private TbCode _block = null!;
    private AccessPath _path;
    private int _loopHead; // position; 0 if the block does not loop
    private ulong _loopState;
    private (int Exit0, int Exit1) _branches;

    /// <summary>The code of the last block, with its table.</summary>
    public ReadOnlySpan<byte> Code => _code.Code;

    /// <summary>Out of line: what happens if a fast path does not apply.</summary>
    /// <param name="Branch">To the case where nothing was done yet.</param>
    /// <param name="WatchedBranch">To the case of a store that was done; 0 if there is none.</param>
    /// <param name="Back">Where to go on.</param>
    private readonly record struct Stub(int Branch, int WatchedBranch, int Back, ulong Before, ulong After, int Op);

    /// <summary>Emits the code of a block for a place. It changes nothing but this object.</summary>
    /// <returns>False if the place is too small.</returns>
    public bool TryEmit(TbCode block, byte* target, int room, NativeCode native)
    {
        _cache ??= new RegisterCache(_code);
        _code.Restart(target, room);
        _cache.Reset();
        _stubs.Clear();
        _tableLength = 0;
        _block = block;
        _path = (block.Mode & TbFlags.ModeMask) == TbFlags.None ? options.Machine : AccessPath.Tlb;
        _loopHead = 0;
        _branches = default;
        if (_code.Room < BytesPerOp + BytesOfEnds)
        {
            return false;
        }

        Op[] ops = block.Ops;
        int headExit = EmitHead();
        bool isLoop = IsLoop(ops, out uint guests, out uint written);
        if (isLoop)
        {
            _cache.LoadForLoop(guests, written);
            _loopState = _cache.State();
            int over = _code.Jump();
            _loopHead = _code.Position;
            _stubs.Add(new Stub(EmitTest(), 0, -1, _loopState, 0, 0));
            _code.Aim(over);
        }

        _code.Arithmetic(Alu.Sub, Reg.R14, block.InstructionCount, wide: false);
        for (int i = 0; i < ops.Length; i++)
        {
            if (_code.Room < BytesPerOp + BytesOfEnds + (BytesPerStub * (_stubs.Count + 2)))
            {
                return false;
            }

            Note(i);
            Emit(ref ops[i], i);
            _cache.NextInstruction();
        }

        native.Stubs = EmitOutOfLine(headExit, ops.Length - 1);
        (native.Branches, native.LoopHead, native.CodeLength) = (_branches, _loopHead, _code.Position);
        EmitTable();
        native.Length = _code.Position;
        return _code.Room >= 0;
    }

    private static ulong PcOf(TbCode block, ref Op op) => block.Pc + (2 * (ulong)op.Offset);

    private int EmitHead()
    {
        int branch = EmitTest();
        if (_code.Position != NativeCode.HeadSize)
        {
            throw new InvalidOperationException($"the head of a block has {_code.Position} bytes");
        }

        return branch;
    }

    // Nothing asked for, and budget left: requests are greater than any budget.
    private int EmitTest()
    {
        _code.RegMem(0x3b, Reg.R14, Reg.Rbp, RegisterCache.Word(StateWord.ExitRequest), wide: false);
        return _code.JumpIf(Condition.LessOrEqual);
    }

    private void Note(int op)
    {
        _table[_tableLength++] = (ushort)(_code.Position);
        _table[_tableLength++] = (ushort)op;
    }

    private void Emit(ref Op op, int index)
    {
        switch (op.Code)
        {
            case >= Opcode.Lb and <= Opcode.Lwu when op.Rs1 != 0:
                EmitLoad(ref op, index);
                break;
            case >= Opcode.Sb and <= Opcode.Sd when op.Rs1 != 0:
                EmitStore(ref op, index);
                break;
            case >= Opcode.Beq and <= Opcode.Bgeu:
                EmitBranch(ref op);
                break;
            case Opcode.Jal:
                SetConstant(op.Rd, (long)(PcOf(_block, ref op) + op.Length));
                goto case Opcode.Continue;
            case Opcode.Continue:
                _cache.WriteBack();
                EmitExitJump();
                break;
            case Opcode.Jalr:
                EmitIndirectJump(ref op);
                break;
            case Opcode.Fence:
                _code.Byte(0xf0); // lock or dword [rsp], 0: a full barrier, cheaper than mfence
                _code.RegMem(0x83, (Reg)Alu.Or, Reg.Rsp, 0, wide: false);
                _code.Byte(0);
                break;
            default:
                if (!TryEmitArithmetic(ref op))
                {
                    EmitSlowOp(index);
                }

                break;
        }
    }

    // In line, for what has no fast path here.
    private void EmitSlowOp(int index)
    {
        _cache.WriteBack();
        _code.Constant(Reg.Rsi, PackedOp(index));
        _code.Constant(Reg.Rdx, 0);
        _code.Call(thunks.SlowOp);
        _cache.Reset();
        if (Decoder.EndsBlock(_block.Ops[index].Code))
        {
            _code.Byte(0x0f); // ud2: nothing follows, the call does not come back
            _code.Byte(0x0b);
        }
    }

    private int PackedOp(int index) => (_block.Slot.Index << 7) | index;

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

    private (int Exit0, int Exit1) EmitOutOfLine(int headExit, int lastOp)
    {
        foreach (Stub stub in _stubs)
        {
            Note(stub.Op);
            EmitStub(stub);
        }

        Note(lastOp);
        _code.Aim(headExit);
        EmitPc(_block.Pc);
        EmitLeave(Thunks.NoExit);
        Op last = _block.Ops[^1];
        ulong pc = PcOf(_block, ref last);
        (int Exit0, int Exit1) stubs = default;
        if (_branches.Exit0 != 0)
        {
            stubs.Exit0 = _code.Position;
            _code.Aim(_branches.Exit0);
            EmitPc(last.Code is Opcode.Jal or Opcode.Continue ? pc + (ulong)last.Imm : pc + last.Length);
            EmitLeave(0);
        }

        if (_branches.Exit1 != 0)
        {
            stubs.Exit1 = _code.Position;
            _code.Aim(_branches.Exit1);
            if (_loopHead != 0)
            {
                _cache.WriteBack(_loopState);
            }

            EmitPc(pc + (ulong)last.Imm);
            EmitLeave(1);
        }

        return stubs;
    }

    private void EmitStub(Stub stub)
    {
        if (stub.Back < 0) // a loop that is asked to stop
        {
            _code.Aim(stub.Branch);
            _cache.WriteBack(stub.Before);
            EmitPc(_block.Pc);
            EmitLeave(Thunks.NoExit);
            return;
        }

        int both = 0;
        if (stub.WatchedBranch != 0)
        {
            _code.Aim(stub.WatchedBranch);
            _code.Constant(Reg.Rdx, 1);
            both = _code.Jump();
        }

        _code.Aim(stub.Branch);
        _code.Constant(Reg.Rdx, 0);
        if (both != 0)
        {
            _code.Aim(both);
        }

        _cache.WriteBack(stub.Before);
        _code.Constant(Reg.Rsi, PackedOp(stub.Op));
        _code.Call(thunks.SlowOp);
        _cache.Reload(stub.After);
        int back = _code.Jump();
        _code.Aim(back, stub.Back);
    }

    private void EmitPc(ulong pc)
    {
        _code.Constant(Reg.Rax, (long)pc);
        _code.Store(Reg.Rax, Reg.Rbp, RegisterCache.Word(StateWord.Pc));
    }

    private void EmitLeave(int exit)
    {
        _code.Constant(Reg.Rax, (_block.Slot.Index << Thunks.ExitBits) | exit);
        _code.JumpTo(thunks.Leave);
    }

    private void EmitTable()
    {
        if ((_code.Position & 1) != 0)
        {
            _code.Byte(0xcc);
        }

        for (int i = 0; i < _tableLength; i += 2)
        {
            _code.Int(_table[i] | (_table[i + 1] << 16));
        }
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
