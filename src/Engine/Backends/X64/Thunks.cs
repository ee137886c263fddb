using Verify.Engine.Execution;

namespace Verify.Engine.Backends.X64;

/// <summary>The code all blocks share: how it is entered, left, and how it calls back.</summary>
/// <remarks>
/// While generated code runs: rbp the vCPU's state, r14d what is left of its budget, r15 its TLB table or the flags of pages, r13 the base of RAM;
/// rax,
/// rcx and rdx are free; the stack is aligned to 16 bytes. Every call goes through the transition of an unmanaged caller, so the garbage collector
/// never waits for a vCPU, and returns a status: no exception passes through.
/// </remarks>
internal sealed unsafe class Thunks
{
    /// <summary>In a result: what kind of exit. The rest is the slot of the block that ran last.</summary>
    internal const int ExitBits = 2, NoExit = 2, Stopped = 3;

    /// <param name="slowOp">Address of a function (state, block and operation, whether its store is done) that returns 0 to go on, or a result.</param>
    public Thunks(CodeMemory memory, nint slowOp)
    {
        Assembler code = new();
        code.Restart(memory.At(0), memory.Size);
        foreach (Reg saved in (ReadOnlySpan<Reg>)[Reg.Rbp, Reg.Rbx, Reg.R12, Reg.R13, Reg.R14, Reg.R15])
        {
            Push(code, saved);
        }

        code.Arithmetic(Alu.Sub, Reg.Rsp, 8);
        code.Lea(Reg.Rbp, Reg.Rdi, RegisterCache.BaseWord * 8);
        code.RegMem(0x8b, Reg.R14, Reg.Rbp, RegisterCache.Word(StateWord.Credit), wide: false);
        code.Load(Reg.R15, Reg.Rbp, RegisterCache.Word(StateWord.DataTable));
        code.Load(Reg.R13, Reg.Rbp, RegisterCache.Word(StateWord.RamBase));
        code.RegReg(0xff, (Reg)4, Reg.Rsi, wide: false); // jmp rsi

        int leave = code.Position;
        code.RegMem(0x89, Reg.R14, Reg.Rbp, RegisterCache.Word(StateWord.Credit), wide: false);
        code.Arithmetic(Alu.Add, Reg.Rsp, 8);
        foreach (Reg saved in (ReadOnlySpan<Reg>)[Reg.R15, Reg.R14, Reg.R13, Reg.R12, Reg.Rbx, Reg.Rbp])
        {
            Pop(code, saved);
        }

        code.Byte(0xc3);

        int slow = code.Position; // esi, edx: as the function wants them
        code.RegMem(0x89, Reg.R14, Reg.Rbp, RegisterCache.Word(StateWord.Credit), wide: false);
        code.Lea(Reg.Rdi, Reg.Rbp, -RegisterCache.BaseWord * 8);
        code.Arithmetic(Alu.Sub, Reg.Rsp, 8);
        code.Constant(Reg.Rax, slowOp);
        code.RegReg(0xff, (Reg)2, Reg.Rax, wide: false); // call rax
        code.Arithmetic(Alu.Add, Reg.Rsp, 8);
        code.RegReg(0x85, Reg.Rax, Reg.Rax, wide: false);
        int stopped = code.JumpIf(Condition.NotEqual);
        code.Byte(0xc3);
        code.Aim(stopped);
        code.Arithmetic(Alu.Add, Reg.Rsp, 8); // the return address
        code.JumpTo(memory.At(leave));

        memory.Write(0, code.Code);
        Enter = (delegate* unmanaged<ulong*, byte*, uint>)memory.At(0);
        Leave = memory.At(leave);
        SlowOp = memory.At(slow);
        Size = (code.Position + 63) & ~63;
    }

    /// <summary>Runs code from an address on, with a vCPU's state; returns a result.</summary>
    public delegate* unmanaged<ulong*, byte*, uint> Enter { get; }

    /// <summary>Returns from <see cref="Enter"/> with the result in eax.</summary>
    public byte* Leave { get; }

    /// <summary>Has the operation in esi carried out; comes back if the next one follows.</summary>
    public byte* SlowOp { get; }

    /// <summary>Bytes at the start of the memory.</summary>
    public int Size { get; }

    private static void Push(Assembler code, Reg reg) => OneByte(code, 0x50, reg);

    private static void Pop(Assembler code, Reg reg) => OneByte(code, 0x58, reg);

    private static void OneByte(Assembler code, int opcode, Reg reg)
    {
        if ((int)reg >= 8)
        {
            code.Byte(0x41);
        }

        code.Byte(opcode | ((int)reg & 7));
    }
}
