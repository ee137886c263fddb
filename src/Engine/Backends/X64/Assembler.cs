using System.Runtime.CompilerServices;

namespace Verify.Engine.Backends.X64;

/// <summary>General-purpose registers by their encoding.</summary>
internal enum Reg
{
    Rax, Rcx, Rdx, Rbx, Rsp, Rbp, Rsi, Rdi, R8, R9, R10, R11, R12, R13, R14, R15,
}

/// <summary>Conditions by their encoding, after a comparison of a with b.</summary>
internal enum Condition
{
    Below = 2, AboveOrEqual = 3, Equal = 4, NotEqual = 5, BelowOrEqual = 6, Above = 7, Less = 12, GreaterOrEqual = 13, LessOrEqual = 14, Greater = 15,
}

/// <summary>Two-operand arithmetic by its place in group 1, which also gives its opcodes.</summary>
internal enum Alu
{
    Add, Or, And = 4, Sub, Xor, Cmp,
}

/// <summary>Shifts by their place in group 2.</summary>
internal enum Shift
{
    Left = 4, LogicalRight = 5, ArithmeticRight = 7,
}

/// <summary>Writes x86-64 instructions into a buffer of its own, from which they are copied to where they run.</summary>
/// <remarks>
/// Encodings after Intel SDM volume 2. The buffer is larger than the longest block; <see cref="Room"/> says how much is left of the place the code is
/// meant for, and whoever emits looks at it between instructions of the guest.
/// </remarks>
internal sealed unsafe class Assembler
{
    private const int Capacity = 1 << 16;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(Capacity, pinned: true);
    private readonly byte* _start;
    private byte* _at;
    private byte* _target; // where the first byte will be executed
    private int _limit;

    public Assembler() => _start = _at = (byte*)Unsafe.AsPointer(ref _buffer[0]);

    /// <summary>Bytes so far.</summary>
    public int Position => (int)(_at - _start);

    /// <summary>Bytes left of the place the code is meant for.</summary>
    public int Room => _limit - Position;

    public ReadOnlySpan<byte> Code => new(_start, Position);

    /// <param name="target">Where the code will be executed.</param>
    /// <param name="limit">Bytes there.</param>
    public void Restart(byte* target, int limit)
    {
        _at = _start;
        _target = target;
        _limit = Math.Min(limit, Capacity);
    }

    public void Byte(int value) => *_at++ = (byte)value;

    public void Int(int value)
    {
        Unsafe.WriteUnaligned(_at, value);
        _at += 4;
    }

    public void Long(long value)
    {
        Unsafe.WriteUnaligned(_at, value);
        _at += 8;
    }

    /// <summary>reg, reg with a one-byte opcode, or 0x0f and one.</summary>
    public void RegReg(int opcode, Reg reg, Reg rm, bool wide = true)
    {
        Rex(wide, reg, 0, rm, opcode);
        Opcode(opcode);
        Byte(0xc0 | (((int)reg & 7) << 3) | ((int)rm & 7));
    }

    /// <summary>reg, [base + displacement].</summary>
    public void RegMem(int opcode, Reg reg, Reg at, int displacement, bool wide = true)
    {
        Rex(wide, reg, 0, at, opcode);
        Opcode(opcode);
        int mode = displacement == 0 && ((int)at & 7) != 5 ? 0 : displacement == (sbyte)displacement ? 1 : 2;
        Byte((mode << 6) | (((int)reg & 7) << 3) | ((int)at & 7));
        if (((int)at & 7) == 4)
        {
            Byte(0x24);
        }

        Displacement(mode, displacement);
    }

    /// <summary>reg, [base + index + displacement].</summary>
    public void RegMem(int opcode, Reg reg, Reg at, Reg index, int displacement, int scale = 0, bool wide = true)
    {
        Rex(wide, reg, index, at, opcode);
        Opcode(opcode);
        int mode = displacement == 0 && ((int)at & 7) != 5 ? 0 : displacement == (sbyte)displacement ? 1 : 2;
        Byte((mode << 6) | (((int)reg & 7) << 3) | 4);
        Byte((scale << 6) | (((int)index & 7) << 3) | ((int)at & 7));
        Displacement(mode, displacement);
    }

    public void Move(Reg to, Reg from)
    {
        if (to != from)
        {
            RegReg(0x89, from, to);
        }
    }

    /// <summary>The shortest way to load a constant that leaves the flags alone.</summary>
    public void Constant(Reg to, long value)
    {
        if (value == (uint)value)
        {
            if ((int)to >= 8)
            {
                Byte(0x41);
            }

            Byte(0xb8 | ((int)to & 7));
            Int((int)value);
        }
        else if (value == (int)value)
        {
            RegReg(0xc7, 0, to);
            Int((int)value);
        }
        else
        {
            Byte(0x48 | ((int)to >> 3));
            Byte(0xb8 | ((int)to & 7));
            Long(value);
        }
    }

    public void Load(Reg to, Reg at, int displacement) => RegMem(0x8b, to, at, displacement);

    public void Store(Reg from, Reg at, int displacement) => RegMem(0x89, from, at, displacement);

    public void Arithmetic(Alu what, Reg to, Reg from, bool wide = true) => RegReg(((int)what << 3) | 1, from, to, wide);

    public void Arithmetic(Alu what, Reg to, int value, bool wide = true)
    {
        bool isShort = value == (sbyte)value;
        RegReg(isShort ? 0x83 : 0x81, (Reg)what, to, wide);
        Immediate(isShort, value);
    }

    public void CompareMemory(Reg at, Reg index, int displacement, byte value)
    {
        RegMem(0x80, (Reg)Alu.Cmp, at, index, displacement, wide: false);
        Byte(value);
    }

    public void Test(Reg a, Reg b) => RegReg(0x85, a, b);

    public void ShiftBy(Shift what, Reg to, int count, bool wide = true)
    {
        RegReg(0xc1, (Reg)what, to, wide);
        Byte(count);
    }

    /// <summary>Shifts by the low bits of cl.</summary>
    public void ShiftByCl(Shift what, Reg to, bool wide = true) => RegReg(0xd3, (Reg)what, to, wide);

    /// <summary>shlx, shrx or sarx (BMI2): to = from shifted by the low bits of count.</summary>
    public void ShiftX(Shift what, Reg to, Reg from, Reg count, bool wide)
    {
        int prefix = what switch { Shift.Left => 1, Shift.LogicalRight => 3, _ => 2 }; // 66, F2, F3
        Vex(2, prefix, to, count, from, wide);
        Byte(0xf7);
        Byte(0xc0 | (((int)to & 7) << 3) | ((int)from & 7));
    }

    /// <summary>rorx (BMI2): to = from rotated right.</summary>
    public void RotateX(Reg to, Reg from, int count, bool wide = true)
    {
        Vex(3, 3, to, 0, from, wide);
        Byte(0xf0);
        Byte(0xc0 | (((int)to & 7) << 3) | ((int)from & 7));
        Byte(count);
    }

    public void Lea(Reg to, Reg at, int displacement, bool wide = true) => RegMem(0x8d, to, at, displacement, wide);

    public void Lea(Reg to, Reg at, Reg index) => RegMem(0x8d, to, at, index, 0);

    public void SignExtend32(Reg to, Reg from) => RegReg(0x63, to, from);

    public void Multiply(Reg to, Reg by, bool wide = true) => RegReg(0x0faf, to, by, wide);

    /// <summary>to = the condition as 0 or 1, of flags that are set; uses al.</summary>
    public void SetIf(Condition condition, Reg to)
    {
        RegReg(0x0f90 | (int)condition, 0, Reg.Rax, wide: false);
        RegReg(0x0fb6, to, Reg.Rax, wide: false);
    }

    /// <summary>A branch inside this code, to be aimed later.</summary>
    /// <returns>For <see cref="Aim(int)"/>.</returns>
    public int JumpIf(Condition condition)
    {
        Byte(0x0f);
        Byte(0x80 | (int)condition);
        Int(0);
        return Position - 4;
    }

    /// <inheritdoc cref="JumpIf"/>
    public int Jump()
    {
        Byte(0xe9);
        Int(0);
        return Position - 4;
    }

    public void JumpTo(byte* target)
    {
        Byte(0xe9);
        Relative(target);
    }

    public void Call(byte* target)
    {
        Byte(0xe8);
        Relative(target);
    }

    /// <summary>Aims a branch at the current position.</summary>
    public void Aim(int branch) => Aim(branch, Position);

    public void Aim(int branch, int position) => Unsafe.WriteUnaligned(_start + branch, position - (branch + 4));

    /// <summary>Pads so that the byte <paramref name="ahead"/> from here is aligned to four.</summary>
    public void Align4(int ahead)
    {
        switch (-(Position + ahead) & 3)
        {
            case 1:
                Byte(0x90);
                break;
            case 2:
                Byte(0x66);
                Byte(0x90);
                break;
            case 3:
                Byte(0x0f);
                Byte(0x1f);
                Byte(0);
                break;
        }
    }

    private void Relative(byte* target) => Int((int)(target - (_target + Position + 4)));

    private void Immediate(bool isShort, int value)
    {
        if (isShort)
        {
            Byte(value);
        }
        else
        {
            Int(value);
        }
    }

    private void Opcode(int opcode)
    {
        if (opcode > 0xff)
        {
            Byte(0x0f);
        }

        Byte(opcode);
    }

    // A prefix also makes sil and dil of what would be dh and bh.
    private void Rex(bool wide, Reg reg, Reg index, Reg rm, int opcode)
    {
        int rex = (wide ? 8 : 0) | (((int)reg >> 3) << 2) | (((int)index >> 3) << 1) | ((int)rm >> 3);
        if (rex != 0 || opcode is 0x88 or 0x0fb6)
        {
            Byte(0x40 | rex);
        }
    }

    private void Vex(int map, int prefix, Reg reg, Reg second, Reg rm, bool wide)
    {
        Byte(0xc4);
        Byte((((int)reg >> 3 ^ 1) << 7) | 0x40 | (((int)rm >> 3 ^ 1) << 5) | map);
        Byte((wide ? 0x80 : 0) | ((~(int)second & 15) << 3) | prefix);
    }

    private void Displacement(int mode, int displacement)
    {
        if (mode == 1)
        {
            Byte(displacement);
        }
        else if (mode == 2)
        {
            Int(displacement);
        }
    }
}
