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
}
